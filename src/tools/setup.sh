# Installs the packages of package-lock.json unless they are installed. Scripts that need them run it first.
[ node_modules/.package-lock.json -nt package-lock.json ] && exit
echo 'Installing what is missing...'
npm install --no-save --include=dev --loglevel=error && touch node_modules/.package-lock.json
