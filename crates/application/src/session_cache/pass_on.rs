//! Methods that are the same with and without a cache.

/// Methods of a port that call those of the same name on a field.
macro_rules! pass_on {
    ($self:ident.$inner:ident: $($port:ident for $cached:ident {
        $(fn $method:ident($($argument:ident: $type:ty),*) -> $answer:ty;)*
    })+) => {$(
        #[async_trait::async_trait]
        impl $port for $cached {
            $(
                async fn $method(&mut $self, $($argument: $type),*) -> Result<$answer, StoreError> {
                    $self.$inner.$method($($argument),*).await
                }
            )*
        }
    )+};
}

pub(super) use pass_on;
