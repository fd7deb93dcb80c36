pub(super) fn examine(_: &super::index::Sheet, _: &shoals_core::Rules, _: &mut Vec<shoals_core::Finding>) {}
pub(super) fn across(_: &[super::index::Sheet], _: &mut Vec<shoals_core::Finding>) {}
