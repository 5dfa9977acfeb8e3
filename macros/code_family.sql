{% macro code_family(language) -%}
    {# Languages whose files import each other are one family. NULL: its imports are not read. #}
    case
        when {{ language }} in ('Python', 'Cython') then 'python'
        when {{ language }} in ('JavaScript', 'TypeScript', 'TSX', 'Vue', 'Svelte')
            then 'javascript'
        when {{ language }} in ('C', 'C++', 'Objective-C', 'Objective-C++', 'CUDA') then 'c'
        when {{ language }} in ('Go', 'Java', 'PHP', 'Ruby', 'Rust') then lower({{ language }})
        when {{ language }} = 'C#' then 'csharp'
        when {{ language }} in ('Shell', 'Bash') then 'shell'
    end
{%- endmacro %}
