{{ landed('content_code') }}
