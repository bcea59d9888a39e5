# shellcheck shell=bash
# The certificates and kubeconfigs of this node alone.

folder 0755 /var/lib/kubernetes
folder 0755 /var/lib/kubelet
folder 0755 /var/lib/kube-proxy
take 0644 ca.pem /var/lib/kubernetes/ca.pem
take 0644 kubelet.pem "/var/lib/kubelet/$NODE_NAME.pem"
take 0600 kubelet-key.pem "/var/lib/kubelet/$NODE_NAME-key.pem"
# kubelet renews the certificate of its kubeconfig, and from then on prefers the renewed one to what Terraform brings.
if [[ -s $FILES/kubelet.kubeconfig ]] && ! cmp -s "$FILES/kubelet.kubeconfig" "$ROOT/var/lib/kubelet/kubeconfig"; then
  rm -f -- "$ROOT"/var/lib/kubelet/pki/kubelet-client-*.pem
fi
take 0600 kubelet.kubeconfig /var/lib/kubelet/kubeconfig
take 0600 kube-proxy.kubeconfig /var/lib/kube-proxy/kubeconfig
keep_environment
