# shellcheck shell=bash
# kubelet. Files in /etc/kubernetes/kubelet.conf.d come after this configuration: one of the cluster, and the machine's own.

# systemd-resolved's own file names its stub on the loopback, which a pod cannot reach: CoreDNS would ask itself.
resolver=/run/systemd/resolve/resolv.conf
[[ -e $ROOT$resolver ]] || resolver=/etc/resolv.conf

# Those a node is registered with; one that is registered gets what has changed from the stage nodes.
taints=
for taint in ${NODE_TAINTS//,/ }; do
  key=${taint%%[=:]*} value=${taint%:*}
  value=${value#"$key"}
  taints+=$'\n'"  - key: \"$key\""$'\n'"    value: \"${value#=}\""$'\n'"    effect: ${taint##*:}"
done

folder 0755 /etc/kubernetes/kubelet.conf.d
put 0600 /var/lib/kubelet/kubelet-config.yaml <<END
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication:
  anonymous:
    enabled: false
  webhook:
    enabled: true
  x509:
    clientCAFile: /var/lib/kubernetes/ca.pem
authorization:
  mode: Webhook
cgroupDriver: systemd
clusterDNS:
  - $CLUSTER_DNS
clusterDomain: $CLUSTER_DOMAIN
containerRuntimeEndpoint: unix:///var/run/containerd/containerd.sock
eventRecordQPS: 50
makeIPTablesUtilChains: true
podCIDR: $POD_CIDR
podPidsLimit: 4096
protectKernelDefaults: true
readOnlyPort: 0
registerNode: true
registerWithTaints:${taints:- []}
resolvConf: $resolver
rotateCertificates: true
runtimeRequestTimeout: 15m
seccompDefault: true
streamingConnectionIdleTimeout: 4h
tlsCertFile: /var/lib/kubelet/$NODE_NAME.pem
tlsPrivateKeyFile: /var/lib/kubelet/$NODE_NAME-key.pem
tlsCipherSuites:
  - TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
  - TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
  - TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384
  - TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384
  - TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256
  - TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256
tlsMinVersion: VersionTLS12
END

drop_in 0600 /etc/kubernetes/kubelet.conf.d/10-cluster.conf "$KUBELET_CONFIGURATION"

log "node $NODE_NAME at $NODE_IP joins https://$API_ADDRESS:6443"
service kubelet /usr/local/bin/kubelet /var/lib/kubelet/kubelet-config.yaml /etc/kubernetes/kubelet.conf.d/10-cluster.conf \
  /var/lib/kubelet/kubeconfig \
  /var/lib/kubernetes/ca.pem "/var/lib/kubelet/$NODE_NAME.pem" "/var/lib/kubelet/$NODE_NAME-key.pem"
