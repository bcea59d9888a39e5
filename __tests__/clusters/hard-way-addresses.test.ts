import { hardWay } from "../support/hard-way";
import { addresses } from "../support/synth";

// Changing a line here destroys what a user has: it needs a `moved` block or a major version.
test("the addresses of a cluster are these", () => {
  expect(addresses(hardWay())).toEqual([
    "aws_iam_instance_profile.cluster_control-plane-role_profile_743CFD5D",
    "aws_iam_instance_profile.cluster_worker-role_profile_15487BB7",
    "aws_iam_role.cluster_control-plane-role_953DAB38",
    "aws_iam_role.cluster_worker-role_EBCEDEF3",
    "aws_instance.cluster_control-plane_0_24552119",
    "aws_instance.cluster_worker_0_CA40AAE9",
    "aws_internet_gateway.cluster_network_internet-gateway_53B9FB3B",
    "aws_key_pair.cluster_ssh-key_key-pair_4A7053A9",
    "aws_lb.cluster_api_0C0E19C9",
    "aws_lb_listener.cluster_api_listener_DB86222C",
    "aws_lb_target_group.cluster_api_targets_50840D0F",
    "aws_lb_target_group_attachment.cluster_api_controller-0_F80337AE",
    "aws_main_route_table_association.cluster_network_main-routes_7016751F",
    "aws_route.cluster_network_internet_ABF0DC80",
    "aws_route.cluster_pod-routes_worker-0_5D60E97E",
    "aws_route_table.cluster_network_routes_C65ED8BD",
    "aws_route_table_association.cluster_network_public-routes_E3BD7873",
    "aws_security_group.cluster_security-groups_api_F223BC10",
    "aws_security_group.cluster_security-groups_control-plane_92D8E83A",
    "aws_security_group.cluster_security-groups_worker_37DAD878",
    "aws_subnet.cluster_network_public_78E5FC6D",
    "aws_vpc.cluster_network_48CBFB31",
    "aws_vpc_security_group_egress_rule.cluster_security-groups_egress-api_4C876ADF",
    "aws_vpc_security_group_egress_rule.cluster_security-groups_egress-control-plane_21E49CEC",
    "aws_vpc_security_group_egress_rule.cluster_security-groups_egress-worker_633CB84B",
    "aws_vpc_security_group_ingress_rule.cluster_api_from-worker-0_A12E8F1A",
    "aws_vpc_security_group_ingress_rule.cluster_security-groups_admin-api_7D6095AE",
    "aws_vpc_security_group_ingress_rule.cluster_security-groups_admin-ping-control-plane_1DA102D3",
    "aws_vpc_security_group_ingress_rule.cluster_security-groups_admin-ping-worker_33C6DAAD",
    "aws_vpc_security_group_ingress_rule.cluster_security-groups_admin-ssh-control-plane_D55E388F",
    "aws_vpc_security_group_ingress_rule.cluster_security-groups_admin-ssh-worker_D68A7357",
    "aws_vpc_security_group_ingress_rule.cluster_security-groups_api-control-plane_4D81CD59",
    "aws_vpc_security_group_ingress_rule.cluster_security-groups_control-plane-worker_4D22CEA8",
    "aws_vpc_security_group_ingress_rule.cluster_security-groups_etcd_CF26E751",
    "aws_vpc_security_group_ingress_rule.cluster_security-groups_pods-control-plane_806D07A2",
    "aws_vpc_security_group_ingress_rule.cluster_security-groups_pods-worker_295D4FC8",
    "aws_vpc_security_group_ingress_rule.cluster_security-groups_worker-api_73A5DD83",
    "aws_vpc_security_group_ingress_rule.cluster_security-groups_worker-worker_CE468B7B",
    "null_resource.cluster_stage-control-plane_controller-0_67819221",
    "null_resource.cluster_stage-coredns_controller-0_C5581FF5",
    "null_resource.cluster_stage-etcd_controller-0_319C1908",
    "null_resource.cluster_stage-nodes_controller-0_CD6B722F",
    "null_resource.cluster_stage-rbac_controller-0_77A892D8",
    "null_resource.cluster_stage-ssh-host-key_controller-0_6CBBD5C0",
    "null_resource.cluster_stage-ssh-host-key_worker-0_95141A73",
    "null_resource.cluster_stage-worker_worker-0_555F8C32",
    "tls_cert_request.cluster_pki_etcd_client_request_7D6E97C2",
    "tls_cert_request.cluster_pki_etcd_controller-0_request_8BBB41B4",
    "tls_cert_request.cluster_pki_front-proxy_client_request_454E323E",
    "tls_cert_request.cluster_pki_kubernetes_admin_request_1AB857AA",
    "tls_cert_request.cluster_pki_kubernetes_kube-apiserver_request_6CEC66FB",
    "tls_cert_request.cluster_pki_kubernetes_kube-controller-manager_request_A1EDCD8C",
    "tls_cert_request.cluster_pki_kubernetes_kube-proxy_request_202091C9",
    "tls_cert_request.cluster_pki_kubernetes_kube-scheduler_request_253AEAA9",
    "tls_cert_request.cluster_pki_kubernetes_kubelet-client_request_990FD21F",
    "tls_cert_request.cluster_pki_kubernetes_worker-0_request_912EC55A",
    "tls_locally_signed_cert.cluster_pki_etcd_client_C330BB96",
    "tls_locally_signed_cert.cluster_pki_etcd_controller-0_03A6AEC2",
    "tls_locally_signed_cert.cluster_pki_front-proxy_client_5E45571D",
    "tls_locally_signed_cert.cluster_pki_kubernetes_admin_54C8B3A2",
    "tls_locally_signed_cert.cluster_pki_kubernetes_kube-apiserver_398DA010",
    "tls_locally_signed_cert.cluster_pki_kubernetes_kube-controller-manager_6ED31F8F",
    "tls_locally_signed_cert.cluster_pki_kubernetes_kube-proxy_BAEEA400",
    "tls_locally_signed_cert.cluster_pki_kubernetes_kube-scheduler_63FE032E",
    "tls_locally_signed_cert.cluster_pki_kubernetes_kubelet-client_EC487B93",
    "tls_locally_signed_cert.cluster_pki_kubernetes_worker-0_F15E8878",
    "tls_private_key.cluster_control-plane_ssh-host-key-0_first_524E776E",
    "tls_private_key.cluster_control-plane_ssh-host-key-0_lasting_CEC9A7EF",
    "tls_private_key.cluster_pki_etcd_client_key_872C064F",
    "tls_private_key.cluster_pki_etcd_controller-0_key_325C21C5",
    "tls_private_key.cluster_pki_etcd_key_D09A3977",
    "tls_private_key.cluster_pki_front-proxy_client_key_8C3C10C4",
    "tls_private_key.cluster_pki_front-proxy_key_78CE555D",
    "tls_private_key.cluster_pki_kubernetes_admin_key_8499358E",
    "tls_private_key.cluster_pki_kubernetes_key_7F8AD949",
    "tls_private_key.cluster_pki_kubernetes_kube-apiserver_key_D7E4FC32",
    "tls_private_key.cluster_pki_kubernetes_kube-controller-manager_key_F56FD7B5",
    "tls_private_key.cluster_pki_kubernetes_kube-proxy_key_BEA09D82",
    "tls_private_key.cluster_pki_kubernetes_kube-scheduler_key_7025BF35",
    "tls_private_key.cluster_pki_kubernetes_kubelet-client_key_B11A86CB",
    "tls_private_key.cluster_pki_kubernetes_worker-0_key_23C8CCF6",
    "tls_private_key.cluster_pki_service-account_84393893",
    "tls_private_key.cluster_secrets-encryption_B2212D2A",
    "tls_private_key.cluster_ssh-key_AB24DE3A",
    "tls_private_key.cluster_worker_ssh-host-key-0_first_BB079094",
    "tls_private_key.cluster_worker_ssh-host-key-0_lasting_5F2B0284",
    "tls_self_signed_cert.cluster_pki_etcd_9595CBA2",
    "tls_self_signed_cert.cluster_pki_front-proxy_E2123B66",
    "tls_self_signed_cert.cluster_pki_kubernetes_D285495E",
  ]);
});

test("another worker adds its own addresses and changes none (FT-15)", () => {
  const [one, two] = [hardWay(), hardWay({ workers: { count: 2 } })].map(addresses) as [string[], string[]];

  expect(two).toEqual(expect.arrayContaining(one));
  expect(
    two.filter((address) => !one.includes(address)).map((address) => address.replace(/_[0-9A-F]{8}$/, "")),
  ).toEqual([
    "aws_instance.cluster_worker_1",
    "aws_route.cluster_pod-routes_worker-1",
    "aws_vpc_security_group_ingress_rule.cluster_api_from-worker-1",
    "null_resource.cluster_stage-ssh-host-key_worker-1",
    "null_resource.cluster_stage-worker_worker-1",
    "tls_cert_request.cluster_pki_kubernetes_worker-1_request",
    "tls_locally_signed_cert.cluster_pki_kubernetes_worker-1",
    "tls_private_key.cluster_pki_kubernetes_worker-1_key",
    "tls_private_key.cluster_worker_ssh-host-key-1_first",
    "tls_private_key.cluster_worker_ssh-host-key-1_lasting",
  ]);
});

test("two more controllers add their own addresses and change none (FT-14)", () => {
  const [one, three] = [hardWay(), hardWay({ controlPlane: { count: 3 } })].map(addresses) as [string[], string[]];

  expect(three).toEqual(expect.arrayContaining(one));
  expect(three).toHaveLength(one.length + 20);
});
