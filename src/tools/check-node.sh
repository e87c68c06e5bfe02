# Fails if node_modules has another Node than the one that is pinned. Pinned is that of package.json, for Linux alone.
case "$(uname -s)-$(uname -m)" in
  Linux-x86_64) pinned=7fde7b8afa198da66257f42ee2001d874c7355631e6d1579a5fb5ef1f246df4c ;;
  Linux-aarch64) pinned=0f8949d1028f6d61506b2d5bc57e7e6fe893d7b1997509b7847294fc9c616584 ;;
  *) exit 0 ;;
esac
[ "$(sha256sum node_modules/node/bin/node | cut -d ' ' -f 1)" = "$pinned" ] && exit
echo 'Windfall cannot run: node_modules/node is not the Node that src/tools/check-node.sh pins: run npm ci' >&2
exit 1
