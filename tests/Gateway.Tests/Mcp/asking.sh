#!/bin/bash
# An MCP server that asks its client something: METHOD with the params ASK, whenever its tool is called. What comes back is the tool's text.
# It keeps the client's introduction in the file introduction.
pending=
while IFS= read -r line; do
  id=$(sed -n 's/.*"id":\([^,}]*\).*/\1/p' <<<"$line")
  case $line in
    *'"method":"initialize"'*)
      printf '%s\n' "$line" >introduction
      version=$(sed -n 's/.*"protocolVersion":"\([^"]*\)".*/\1/p' <<<"$line")
      echo "{\"jsonrpc\":\"2.0\",\"id\":$id,\"result\":{\"protocolVersion\":\"${version:-2025-06-18}\",\"capabilities\":{\"tools\":{}},\"serverInfo\":{\"name\":\"asking\",\"version\":\"1\"}}}" ;;
    *'"method":"tools/list"'*) echo "{\"jsonrpc\":\"2.0\",\"id\":$id,\"result\":{\"tools\":[{\"name\":\"ask\",\"inputSchema\":{\"type\":\"object\"}}]}}" ;;
    *'"method":"tools/call"'*)
      pending=$id
      echo "{\"jsonrpc\":\"2.0\",\"id\":\"from-server\",\"method\":\"$METHOD\",\"params\":$ASK}" ;;
    *'"from-server"'*)
      text=$(sed 's/\\/\\\\/g; s/"/\\"/g' <<<"$line")
      echo "{\"jsonrpc\":\"2.0\",\"id\":$pending,\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"$text\"}]}}" ;;
    *'"id"'*) echo "{\"jsonrpc\":\"2.0\",\"id\":$id,\"error\":{\"code\":-32601,\"message\":\"no such method\"}}" ;;
  esac
done
