{{ landed('artifacts') }}
