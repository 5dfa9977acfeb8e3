{{ landed('file_signals') }}
