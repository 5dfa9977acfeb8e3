{{ landed('reports') }}
