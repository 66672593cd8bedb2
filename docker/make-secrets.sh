#!/bin/sh
# Makes the secrets that compose.scaled.yml mounts: docker/make-secrets.sh docker/secrets
#
# What is there stays, so that it can be run again. The folder is for its owner alone; the files in it are readable, as
# each container reads those that it is given as a user of its own.
set -eu

folder=${1:?say where: docker/make-secrets.sh docker/secrets}
umask 077
mkdir -p "$folder"
chmod 0700 "$folder"

# random BYTES: as hexadecimal digits, which need no quoting anywhere.
random() {
    od -An -v -tx1 -N"$1" /dev/urandom | tr -d ' \n'
}

# make FILE: of the standard input, unless it is there. Written as a whole, or not at all.
make() {
    if [ -e "$folder/$1" ]; then
        cat > /dev/null
    else
        cat > "$folder/.$1"
        chmod 0444 "$folder/.$1"
        mv "$folder/.$1" "$folder/$1"
    fi
}

# The secrets themselves.
for secret in postgres_password redis_password rabbitmq_password worker_token s3_key; do
    random 32 | make "$secret"
done
random 10 | make s3_id

# How programs want to be told.
of() { cat "$folder/$1"; }
printf 'postgres://lectern:%s@postgres:5432/lectern?sslmode=disable' "$(of postgres_password)" | make database_url
printf 'redis://:%s@redis:6379/0' "$(of redis_password)" | make redis_url
printf 'amqp://lectern:%s@rabbitmq:5672/%%2f' "$(of rabbitmq_password)" | make amqp_url
printf 'requirepass %s\nsave ""\nappendonly no\nmaxmemory 400mb\nmaxmemory-policy volatile-lru\n' \
    "$(of redis_password)" | make redis.conf
printf 'default_user = lectern\ndefault_pass = %s\n' "$(of rabbitmq_password)" | make rabbitmq.conf
printf '{"identities": [{"name": "lectern", "credentials": [{"accessKey": "%s", "secretKey": "%s"}], "actions": ["Admin"]}]}\n' \
    "$(of s3_id)" "$(of s3_key)" | make s3.json
printf 'user = "%s:%s"\naws-sigv4 = "aws:amz:us-east-1:s3"\n' "$(of s3_id)" "$(of s3_key)" | make s3.curl
