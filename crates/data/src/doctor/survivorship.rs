pub(super) fn examine(_: &super::index::Sheet, _: &super::calendar::Sessions, _: &mut Vec<shoals_core::Finding>) {}
