// SPDX-License-Identifier: Apache-2.0
//! Reference counts that saturate and warn instead of wrapping (include/linux/refcount.h).

/// `REFCOUNT_SATURATED`: a count that is never freed again.
pub const SATURATED: i32 = i32::MIN / 2;

/// What `refcount_warn_saturate` says; the kernel WARNs and goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefcountWarning {
    /// Addition on 0: somebody took a reference to what is being freed.
    AddOnZero,
    /// The count was or became saturated: the object leaks.
    Saturated,
    /// Taken from 0 or from a saturated count: used after it was freed.
    Underflow,
}

/// A `refcount_t`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refcount(i32);

impl Refcount {
    /// `refcount_set`.
    pub const fn new(count: i32) -> Self {
        Self(count)
    }

    /// `refcount_read`.
    pub const fn read(self) -> i32 {
        self.0
    }

    /// `refcount_inc`.
    ///
    /// # Errors
    /// The warning, with the count saturated.
    pub const fn inc(&mut self) -> Result<(), RefcountWarning> {
        let old = self.0;
        self.0 = match old {
            0 | i32::MIN..0 | i32::MAX => SATURATED,
            _ => old + 1,
        };
        match old {
            0 => Err(RefcountWarning::AddOnZero),
            i32::MIN..0 | i32::MAX => Err(RefcountWarning::Saturated),
            _ => Ok(()),
        }
    }

    /// `refcount_inc_not_zero`: `false` and untouched when the count is 0.
    ///
    /// # Errors
    /// The warning, with the count saturated; the kernel takes that for a reference.
    pub const fn inc_not_zero(&mut self) -> Result<bool, RefcountWarning> {
        if self.0 == 0 {
            return Ok(false);
        }
        match self.inc() {
            Ok(()) => Ok(true),
            Err(warning) => Err(warning),
        }
    }

    /// `refcount_dec_and_test`: whether this was the last reference.
    ///
    /// # Errors
    /// The warning, with the count saturated; the kernel takes that for "not the last".
    pub const fn dec_and_test(&mut self) -> Result<bool, RefcountWarning> {
        if self.0 <= 0 {
            self.0 = SATURATED;
            return Err(RefcountWarning::Underflow);
        }
        self.0 -= 1;
        Ok(self.0 == 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_saturate_and_warn_as_the_kernel_does() {
        let mut count = Refcount::new(1);
        assert_eq!((count.inc(), count.inc_not_zero(), count.read()), (Ok(()), Ok(true), 3));
        assert_eq!((count.dec_and_test(), count.dec_and_test()), (Ok(false), Ok(false)));
        assert_eq!((count.dec_and_test(), count.read()), (Ok(true), 0));
        assert_eq!((count.inc_not_zero(), count.read()), (Ok(false), 0));
        assert_eq!((count.inc(), count.read()), (Err(RefcountWarning::AddOnZero), SATURATED));
        assert_eq!((count.inc(), count.read()), (Err(RefcountWarning::Saturated), SATURATED));
        assert_eq!(count.inc_not_zero(), Err(RefcountWarning::Saturated));
        assert_eq!(
            (count.dec_and_test(), count.read()),
            (Err(RefcountWarning::Underflow), SATURATED)
        );
        let mut zero = Refcount::new(0);
        assert_eq!(
            (zero.dec_and_test(), zero.read()),
            (Err(RefcountWarning::Underflow), SATURATED)
        );
        let mut full = Refcount::new(i32::MAX);
        assert_eq!((full.inc(), full.read()), (Err(RefcountWarning::Saturated), SATURATED));
    }
}
