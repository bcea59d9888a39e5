# shellcheck shell=bash
# kubelet runs it anew for each credential, as itself: with the instance's role, through the machine's proxy. So a new version needs
# no restart. Not every build of it tells its version, so the checksum alone vouches for it.

binary ecr-credential-provider "$ECR_CREDENTIAL_PROVIDER_URL" "$ECR_CREDENTIAL_PROVIDER_SHA256" ""
put 0644 /etc/kubernetes/image-credential-provider.yaml <"$HERE/config/image-credential-provider.yaml"
