{% macro rule_models() -%}
    {#
        The rules: every models/gaps/gap_*.sql. While dbt parses, it knows all of its files and not yet its nodes, so
        the files are asked; from there on they are the references of the model that calls this.
    #}
    {%- set found = [] -%}
    {%- if not execute -%}
        {%- for file in ref.manifest.files if modules.re.search('//models/gaps/gap_[^/]*[.]sql$', file) -%}
            {%- do found.append(file.split('/')[-1][:-4]) -%}
        {%- endfor -%}
        {{ return(found | sort) }}
    {%- endif -%}
    {%- for reference in model.refs if reference.name.startswith('gap_') and reference.name != 'gap_rules' -%}
        {%- do found.append(reference.name) -%}
    {%- endfor -%}
    {#- dbt parses what changed and no more: a rule that is new is a node, and no reference yet. -#}
    {%- for node in graph.get('nodes', {}).values() if node.original_file_path.startswith('models/gaps/gap_') -%}
        {%- if node.resource_type == 'model' and node.name not in found -%}
            {{ exceptions.raise_compiler_error(
                node.original_file_path ~ ' is new; once, run: dbt build --no-partial-parse'
            ) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found | sort) }}
{%- endmacro %}
