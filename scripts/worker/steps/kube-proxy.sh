# shellcheck shell=bash
# kube-proxy: Services on this node.

put 0600 /var/lib/kube-proxy/kube-proxy-config.yaml <<END
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
clientConnection:
  kubeconfig: /var/lib/kube-proxy/kubeconfig
clusterCIDR: $CLUSTER_POD_CIDR
hostnameOverride: $NODE_NAME
metricsBindAddress: 127.0.0.1:10249
mode: $KUBE_PROXY_MODE
END

service kube-proxy /usr/local/bin/kube-proxy /var/lib/kube-proxy/kube-proxy-config.yaml /var/lib/kube-proxy/kubeconfig
