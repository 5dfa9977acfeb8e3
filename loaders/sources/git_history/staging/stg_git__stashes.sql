{{ landed('git_stashes') }}
