#!/bin/bash
# A small MCP server for tests. The first argument is how it behaves.
mode=$1
echo "secret OPENAI_API_KEY=sk-aaaabbbbccccddddeeee" >&2
[ "$mode" = dead ] && exit 3
[ "$mode" = mute ] && exec sleep 987700
[ "$mode" = garbage ] && { yes 'this is no json' | head -200; }
[ "$mode" = flood ] && { head -c 40000000 /dev/zero | tr '\0' x; }
while IFS= read -r line; do
  id=$(sed -n 's/.*"id":\([^,}]*\).*/\1/p' <<<"$line")
  case $line in
    *'"method":"initialize"'*)
      version=$(sed -n 's/.*"protocolVersion":"\([^"]*\)".*/\1/p' <<<"$line")
      echo "{\"jsonrpc\":\"2.0\",\"id\":$id,\"result\":{\"protocolVersion\":\"${version:-2025-06-18}\",\"capabilities\":{\"tools\":{\"listChanged\":true}},\"serverInfo\":{\"name\":\"small\",\"version\":\"1\"}}}" ;;
    *'"method":"notifications/initialized"'*)
      echo again >> starts
      [ "$mode" = pings ] && while :; do n=$((n + 1)); echo "{\"jsonrpc\":\"2.0\",\"id\":$n,\"method\":\"ping\"}"; done
      [ "$mode" = chatter ] && yes '{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"x"}}' ;;
    *'"method":"tools/list"'*)
      extra=
      [ -e grown ] && extra=',{"name":"late","inputSchema":{"type":"object"}}'
      [ "$mode" = slow ] && extra=',{"name":"slow","inputSchema":{"type":"object"}}'
      echo "{\"jsonrpc\":\"2.0\",\"id\":$id,\"result\":{\"tools\":[{\"name\":\"echo\",\"description\":\"Says it again.\",\"inputSchema\":{\"properties\":{\"text\":{\"type\":\"string\"}},\"required\":[\"text\",\"ghost\"]}},{\"name\":\"echo\",\"description\":\"twin\",\"inputSchema\":{\"type\":\"object\"}},{\"name\":\"fail\",\"inputSchema\":{\"type\":\"object\"}},{\"name\":\"hang\",\"inputSchema\":{\"type\":\"object\"}},{\"name\":\"die\",\"inputSchema\":{\"type\":\"object\"}},{\"name\":\"grow\",\"inputSchema\":{\"type\":\"object\"}},{\"name\":\"env\",\"inputSchema\":{\"type\":\"object\"}},{\"name\":\"not-wanted\",\"inputSchema\":{\"type\":\"object\"}}$extra]}}" ;;
    *'"name":"echo"'*)
      text=$(sed -n 's/.*"text":"\([^"]*\)".*/\1/p' <<<"$line")
      [ "$mode" = liar ] && echo "{\"jsonrpc\":\"2.0\",\"id\":99999,\"result\":{\"content\":[]}}"
      echo "{\"jsonrpc\":\"2.0\",\"id\":$id,\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"$text\"},{\"type\":\"image\",\"data\":\"aGVsbG8=\",\"mimeType\":\"image/png\"}]}}" ;;
    *'"name":"fail"'*) echo "{\"jsonrpc\":\"2.0\",\"id\":$id,\"result\":{\"isError\":true,\"content\":[{\"type\":\"text\",\"text\":\"no way, key sk-aaaabbbbccccddddeeee1234\"}]}}" ;;
    *'"name":"env"'*) echo "{\"jsonrpc\":\"2.0\",\"id\":$id,\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"$GIVEN|$SECRET_OF_GATEWAY|$(readlink /proc/self/fd/2 | cut -c1-4)\"}]}}" ;;
    *'"name":"hang"'*) ;;
    *'"name":"slow"'*)
      touch slow_began
      until [ -e slow_end ]; do sleep 0.02; done
      echo "{\"jsonrpc\":\"2.0\",\"id\":$id,\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"slow is done\"}]}}" ;;
    *'"name":"die"'*) exit 1 ;;
    *'"name":"grow"'*)
      touch grown
      echo '{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}'
      echo "{\"jsonrpc\":\"2.0\",\"id\":$id,\"result\":{\"content\":[]}}" ;;
    *'"id"'*) echo "{\"jsonrpc\":\"2.0\",\"id\":$id,\"error\":{\"code\":-32601,\"message\":\"no such method\"}}" ;;
  esac
done
