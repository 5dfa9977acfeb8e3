{% macro publish(results) %}
    {#
        Hand the finished invocation to the plugin, which publishes it or gives the reason why not.
    #}
    {% set commands = ['build', 'run', 'test', 'seed', 'snapshot', 'retry', 'clone'] %}
    {% if execute and flags.WHICH in commands %}
        {% set statuses = {} %}
        {% set errors = [] %}
        {% for result in results %}
            {% do statuses.update({result.node.unique_id: result.status | string}) %}
            {% set is_error = result.status | string in ('error', 'runtime error') %}
            {% do errors.append(result.message) if is_error %}
        {% endfor %}
        {% set request = {
            'which': flags.WHICH,
            'command': invocation_args_dict.get('invocation_command') or '',
            'has_vars': (invocation_args_dict.get('vars') or {}) | length > 0,
            'is_empty': flags.EMPTY | default(false) | as_bool,
            'is_sample': (invocation_args_dict.get('sample') or '') | string | length > 0,
            'target': target.name,
            'default_target': 'local',
            'invocation_id': invocation_id,
            'results': statuses,
            'errors': errors,
        } %}
        {% do run_query('force checkpoint') %}
        {% set quoted = tojson(request) | replace("'", "''") %}
        {% set answer = run_query("select publish_build('" ~ quoted ~ "')") %}
        {{ log(answer.columns[0].values()[0], info=true) }}
    {% endif %}
{% endmacro %}
