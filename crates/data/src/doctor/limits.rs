pub(super) fn examine(_: &super::index::Sheet, _: &super::calendar::Sessions, _: &shoals_core::Rules, _: &mut Vec<shoals_core::Finding>) {}
