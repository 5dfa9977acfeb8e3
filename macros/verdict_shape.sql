{% macro verdict_shape() -%}
    {#
        The columns of a rule's verdicts. A column without a default must be given; a default is
        SQL, and also replaces NULL. The test rules_have_the_verdict_shape holds each rule to this.
    #}
    {{ return([
        {
            'name': 'gap_type', 'type': 'varchar',
            'meaning': 'The rule, as in seeds/gap_rules.csv.',
        },
        {
            'name': 'project_id', 'type': 'varchar',
            'meaning': 'The project of the subject; NULL if it is in none.',
        },
        {
            'name': 'project_path', 'type': 'varchar',
            'meaning': 'The path of that project.',
        },
        {
            'name': 'subject', 'type': 'varchar',
            'meaning': 'The thing that is judged; unique within rule and project.',
        },
        {
            'name': 'verdict', 'type': 'varchar',
            'meaning': 'pass, fail, not_applicable or unknown. Give one for every project.',
        },
        {
            'name': 'evidence', 'type': 'varchar',
            'meaning': 'The numbers and names behind the verdict, as a JSON object.',
        },
        {
            'name': 'facts_at', 'type': 'timestamp',
            'meaning': 'The time at which the facts were read; NULL if none were.',
        },
        {
            'name': 'run_id', 'type': 'varchar',
            'meaning': 'The landed run that the facts came from.',
        },
        {
            'name': 'stake', 'type': 'double', 'default': weight('stake_default'),
            'meaning': '0 to 100: how much is at stake. Stake times weight is the impact.',
        },
        {
            'name': 'confidence_ratio', 'type': 'double', 'default': weight('confidence_default'),
            'meaning': '0 to 1: how sure the verdict is.',
        },
        {
            'name': 'settles_project', 'type': 'boolean', 'default': 'false',
            'meaning': 'Whether to decide on this before anything else is done to the project.',
        },
        {
            'name': 'situation', 'type': 'varchar', 'default': "''",
            'meaning': 'Which of the texts of the rule fit, if it has several (`situations`).',
        },
        {
            'name': 'scan_source', 'type': 'varchar', 'default': 'null',
            'meaning': 'The source to scan with, unless the texts give a command.',
        },
        {
            'name': 'text_values', 'type': 'varchar', 'default': "'{}'",
            'meaning': 'Values that only the texts need, as a JSON object.',
        },
        {
            'name': 'is_from_crawl', 'type': 'boolean', 'default': 'false',
            'meaning': 'Whether facts_at and run_id are at most those of the newest crawl.',
        },
    ]) }}
{%- endmacro %}
