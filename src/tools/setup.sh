# Installs what package-lock.json asks for and is not there, before any script that needs it.
[ node_modules/.package-lock.json -nt package-lock.json ] && exit
echo 'Installing what is missing...'
npm install --no-save --include=dev --loglevel=error && touch node_modules/.package-lock.json
