package dev.kiri.mesh.wire;

import static dev.kiri.mesh.testing.Wire.address;
import static dev.kiri.mesh.testing.Wire.ip;
import static dev.kiri.mesh.testing.Wire.pod;
import static dev.kiri.mesh.testing.Wire.port;
import static dev.kiri.mesh.testing.Wire.service;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.UInt32Value;
import dev.kiri.hbone.identity.TrustDomain;
import dev.kiri.mesh.proto.workload.Address;
import dev.kiri.mesh.proto.workload.ApplicationTunnel;
import dev.kiri.mesh.proto.workload.GatewayAddress;
import dev.kiri.mesh.proto.workload.IPFamilies;
import dev.kiri.mesh.proto.workload.LoadBalancing;
import dev.kiri.mesh.proto.workload.Locality;
import dev.kiri.mesh.proto.workload.NamespacedHostname;
import dev.kiri.mesh.proto.workload.NetworkAddress;
import dev.kiri.mesh.proto.workload.NetworkMode;
import dev.kiri.mesh.proto.workload.PortList;
import dev.kiri.mesh.proto.workload.TunnelProtocol;
import dev.kiri.mesh.proto.workload.WeightedWaypoint;
import dev.kiri.mesh.proto.workload.WorkloadStatus;
import dev.kiri.mesh.proto.workload.WorkloadType;
import dev.kiri.mesh.store.MeshUpdate.PutService;
import dev.kiri.mesh.store.MeshUpdate.PutWorkload;
import dev.kiri.mesh.testing.Meshes;
import dev.kiri.mesh.workload.CidrVip;
import dev.kiri.mesh.workload.HealthStatus;
import dev.kiri.mesh.workload.IpPrefix;
import dev.kiri.mesh.workload.PortMap;
import dev.kiri.mesh.workload.Service;
import dev.kiri.mesh.workload.ServiceKey;
import dev.kiri.mesh.workload.Visibility;
import dev.kiri.mesh.workload.Workload;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Cases of istio/ztunnel `src/state/workload.rs` and `src/state/service.rs`.
class AddressDecoderTest {
  private final AddressDecoder decoder = new AddressDecoder();

  private Workload workload(dev.kiri.mesh.proto.workload.Workload.Builder wire)
      throws InvalidResource {
    return ((PutWorkload) decoder.decode("name", address(wire))).workload();
  }

  private Service decoded(dev.kiri.mesh.proto.workload.Service.Builder wire)
      throws InvalidResource {
    return ((PutService) decoder.decode("name", address(wire))).service();
  }

  private void refusesWorkload(
      String text, UnaryOperator<dev.kiri.mesh.proto.workload.Workload.Builder> spoil) {
    assertThatThrownBy(() -> workload(spoil.apply(pod("ns", "a", "192.0.2.1"))))
        .isInstanceOf(InvalidResource.class)
        .hasMessage(text);
  }

  private void refusesService(
      String text, UnaryOperator<dev.kiri.mesh.proto.workload.Service.Builder> spoil) {
    assertThatThrownBy(() -> decoded(spoil.apply(service("ns", "web", "198.51.100.1", 80, 8080))))
        .isInstanceOf(InvalidResource.class)
        .hasMessage(text);
  }

  @Test
  void an_address_that_is_neither_workload_nor_service_is_refused() {
    assertThatThrownBy(() -> decoder.decode("x", Address.getDefaultInstance()))
        .hasMessage("unknown address type");
  }

  @Nested
  class a_workload {

    @Test
    void has_defaults_for_what_is_not_said() throws InvalidResource {
      var bare = workload(dev.kiri.mesh.proto.workload.Workload.newBuilder().setUid("u"));

      assertThat(bare.trustDomain()).isEqualTo(TrustDomain.CLUSTER_LOCAL);
      assertThat(bare.serviceAccount()).isEqualTo("default");
      assertThat(bare.clusterId()).isEqualTo("Kubernetes");
      assertThat(bare.capacity()).isEqualTo(1);
      assertThat(bare.protocol()).isEqualTo(dev.kiri.mesh.workload.TunnelProtocol.TCP);
      assertThat(bare.health()).isEqualTo(HealthStatus.HEALTHY);
      assertThat(bare.addresses()).isEmpty();
      assertThat(bare.waypoint()).isNull();
      assertThat(bare.applicationTunnel()).isNull();
      assertThat(bare.identity()).hasToString("spiffe://cluster.local/ns//sa/default");
    }

    @Test
    void has_all_that_is_said() throws InvalidResource {
      var full =
          workload(
              pod("ns", "a", "192.0.2.1")
                  .addAddresses(ip("2001:db8::1"))
                  .setNetwork("east")
                  .setTrustDomain("td")
                  .setNode("node-1")
                  .setCanonicalName("app")
                  .setCanonicalRevision("v1")
                  .setWorkloadType(WorkloadType.JOB)
                  .setWorkloadName("job")
                  .setNativeTunnel(true)
                  .addAuthorizationPolicies("ns/p")
                  .setStatus(WorkloadStatus.UNHEALTHY)
                  .setClusterId("c")
                  .setHostname("h")
                  .setNetworkMode(NetworkMode.HOST_NETWORK)
                  .setCapacity(UInt32Value.of(7))
                  .setLocality(Locality.newBuilder().setRegion("r").setZone("z").setSubzone("s"))
                  .setApplicationTunnel(
                      ApplicationTunnel.newBuilder()
                          .setProtocol(ApplicationTunnel.Protocol.PROXY)
                          .setPort(15088))
                  .setWaypoint(
                      GatewayAddress.newBuilder()
                          .setHostname(
                              NamespacedHostname.newBuilder().setNamespace("n").setHostname("wp"))
                          .setHboneMtlsPort(15008))
                  .setNetworkGateway(
                      GatewayAddress.newBuilder()
                          .setAddress(
                              NetworkAddress.newBuilder()
                                  .setNetwork("west")
                                  .setAddress(ip("192.0.2.9")))
                          .setHboneMtlsPort(15009))
                  .putServices("ns/web.ns", PortList.newBuilder().addPorts(port(80, 1)).build()));

      assertThat(full.addresses())
          .containsExactly(Meshes.ip("192.0.2.1"), Meshes.ip("2001:db8::1"));
      assertThat(full.identity()).hasToString("spiffe://td/ns/ns/sa/a");
      assertThat(full.waypoint()).hasToString("n/wp:15008");
      assertThat(full.networkGateway()).hasToString("west/192.0.2.9:15009");
      assertThat(full.services())
          .isEqualTo(Map.of(new ServiceKey("ns", "web.ns"), PortMap.of(80, 1)));
      assertThat(full.authorizationPolicies()).containsExactly("ns/p");
      assertThat(full.locality()).isEqualTo(new dev.kiri.mesh.workload.Locality("r", "z", "s"));
      assertThat(full.capacity()).isEqualTo(7);
      assertThat(full.workloadType().text()).isEqualTo("job");
      assertThat(full.ownsItsAddresses()).isFalse();
      assertThat(full.health()).isEqualTo(HealthStatus.UNHEALTHY);
      assertThat(full.nativeTunnel()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 5, 9, 15, 17})
    void with_an_address_of_a_wrong_length_is_refused(int length) {
      refusesWorkload(
          "invalid ip address: " + length + " bytes, expected 4 or 16",
          it -> it.addAddresses(ByteString.copyFrom(new byte[length])));
    }

    @Test
    void without_uid_is_refused() {
      refusesWorkload("workload has no uid", it -> it.setUid(""));
    }

    @Test
    void with_an_enum_we_do_not_know_is_refused() {
      refusesWorkload("unknown enum: tunnel protocol 9", it -> it.setTunnelProtocolValue(9));
      refusesWorkload("unknown enum: network mode 9", it -> it.setNetworkModeValue(9));
      refusesWorkload("unknown enum: workload status 9", it -> it.setStatusValue(9));
      refusesWorkload(
          "unknown enum: application tunnel protocol 9",
          it -> it.setApplicationTunnel(ApplicationTunnel.newBuilder().setProtocolValue(9)));
      refusesWorkload(
          "unknown enum: unsupported tunnel protocol: legacy istio mtls",
          it -> it.setTunnelProtocol(TunnelProtocol.LEGACY_ISTIO_MTLS));
    }

    @Test
    void of_a_type_we_do_not_know_counts_as_a_deployment() throws InvalidResource {
      assertThat(workload(pod("ns", "a", "192.0.2.1").setWorkloadTypeValue(9)).workloadType())
          .isEqualTo(dev.kiri.mesh.workload.WorkloadType.DEPLOYMENT);
    }

    @Test
    void with_a_service_name_without_namespace_is_refused() {
      refusesWorkload(
          "invalid namespaced hostname: web",
          it -> it.putServices("web", PortList.getDefaultInstance()));
    }

    @Test
    void with_a_gateway_that_says_no_address_is_refused() {
      refusesWorkload(
          "nonempty gateway address is missing address",
          it -> it.setWaypoint(GatewayAddress.newBuilder().setHboneMtlsPort(15008)));
    }

    @Test
    void has_ports_of_16_bits_and_of_two_targets_the_last() throws InvalidResource {
      var ports =
          PortList.newBuilder()
              .addPorts(port(80, 1))
              .addPorts(port(80, 2))
              .addPorts(port(65_536 + 443, 65_536 + 8443))
              .build();

      assertThat(workload(pod("ns", "a", "192.0.2.1").putServices("ns/web", ports)).services())
          .containsValue(PortMap.of(Map.of(80, 2, 443, 8443)));
    }

    @Test
    void shares_its_uid_with_the_name_it_came_under() throws InvalidResource {
      String name = "Kubernetes//Pod/ns/a";
      var update = decoder.decode(name, address(pod("ns", "a", "192.0.2.1")));

      assertThat(((PutWorkload) update).workload().uid()).isSameAs(name);
    }

    @Test
    void shares_what_others_say_too() throws InvalidResource {
      var ports = PortList.newBuilder().addPorts(port(80, 8080)).build();
      var one = workload(pod("ns", "a", "192.0.2.1").setNode("n").putServices("ns/web", ports));
      var two = workload(pod("ns", "b", "192.0.2.2").setNode("n").putServices("ns/web", ports));

      assertThat(two.node()).isSameAs(one.node());
      assertThat(two.services()).isSameAs(one.services());
      assertThat(two.trustDomain()).isSameAs(one.trustDomain());
    }
  }

  @Nested
  class a_service {

    @Test
    void has_all_that_is_said() throws InvalidResource {
      var full =
          decoded(
              service("ns", "web", "198.51.100.1", 80, 0)
                  .addSubjectAltNames("spiffe://td/ns/n/sa/s")
                  .setIpFamilies(IPFamilies.DUAL)
                  .setVisibility(dev.kiri.mesh.proto.workload.Service.Visibility.NAMESPACE)
                  .setLoadBalancing(
                      LoadBalancing.newBuilder()
                          .addRoutingPreference(LoadBalancing.Scope.NETWORK)
                          .addRoutingPreference(LoadBalancing.Scope.NODE)
                          .setMode(LoadBalancing.Mode.STRICT)
                          .setHealthPolicy(LoadBalancing.HealthPolicy.ALLOW_ALL))
                  .addWeightedWaypoints(
                      WeightedWaypoint.newBuilder()
                          .setWeight(-1)
                          .setDestination(
                              GatewayAddress.newBuilder()
                                  .setHostname(NamespacedHostname.getDefaultInstance()))));

      assertThat(full.ports()).isEqualTo(PortMap.of(80, 0));
      assertThat(full.subjectAltNames()).containsExactly("spiffe://td/ns/n/sa/s");
      assertThat(full.ipFamilies()).isEqualTo(dev.kiri.mesh.workload.IpFamilies.DUAL);
      assertThat(full.visibility()).isEqualTo(Visibility.NAMESPACE);
      assertThat(full.canonical()).isTrue();
      assertThat(full.balancing().preferences())
          .containsExactly(
              dev.kiri.mesh.workload.LoadBalancing.Scope.NETWORK,
              dev.kiri.mesh.workload.LoadBalancing.Scope.NODE);
      assertThat(full.weightedWaypoints().getFirst().weight()).isEqualTo(0xffff_ffffL);
    }

    @Test
    void has_hosts_and_ranges_apart() throws InvalidResource {
      var wire = service("ns", "web", "198.51.100.1", 80, 80);
      wire.addAddresses(vip("198.51.100.2", 32));
      wire.addAddresses(vip("198.51.0.0", 16));
      wire.addAddresses(vip("2001:db8::", 32));
      wire.addAddresses(vip("2001:db8::9", 128));

      var service = decoded(wire);

      assertThat(service.vips())
          .extracting(it -> it.address().getHostAddress())
          .containsExactly("198.51.100.1", "198.51.100.2", "2001:db8:0:0:0:0:0:9");
      assertThat(service.cidrVips())
          .extracting(CidrVip::cidr)
          .containsExactly(IpPrefix.parse("198.51.0.0/16"), IpPrefix.parse("2001:db8::/32"));
    }

    private static NetworkAddress.Builder vip(String address, int length) {
      return NetworkAddress.newBuilder().setAddress(ip(address)).setLength(length);
    }

    @Test
    void with_a_prefix_that_is_too_long_is_refused() {
      refusesService(
          "invalid prefix length 33 for 198.51.100.1",
          it -> it.addAddresses(vip("198.51.100.1", 33)));
      refusesService(
          "invalid prefix length 4294967295 for 198.51.100.1",
          it -> it.addAddresses(vip("198.51.100.1", -1)));
    }

    @Test
    void with_an_enum_we_do_not_know_is_refused() {
      refusesService("unknown enum: ip families 9", it -> it.setIpFamiliesValue(9));
      refusesService(
          "unknown enum: routing preference 0",
          it ->
              it.setLoadBalancing(
                  LoadBalancing.newBuilder()
                      .addRoutingPreference(LoadBalancing.Scope.UNSPECIFIED_SCOPE)));
      refusesService(
          "unknown enum: routing preference 9",
          it -> it.setLoadBalancing(LoadBalancing.newBuilder().addRoutingPreferenceValue(9)));
      refusesService(
          "unknown enum: load balancing mode 9",
          it -> it.setLoadBalancing(LoadBalancing.newBuilder().setModeValue(9)));
      refusesService(
          "unknown enum: health policy 9",
          it -> it.setLoadBalancing(LoadBalancing.newBuilder().setHealthPolicyValue(9)));
    }

    @Test
    void of_a_visibility_we_do_not_know_is_public() throws InvalidResource {
      assertThat(
              decoded(service("ns", "web", "198.51.100.1", 80, 80).setVisibilityValue(9))
                  .visibility())
          .isEqualTo(Visibility.PUBLIC);
    }

    @Test
    void with_a_weighted_waypoint_without_destination_is_refused() {
      refusesService(
          "weighted waypoint is missing destination",
          it -> it.addWeightedWaypoints(WeightedWaypoint.newBuilder().setWeight(1)));
    }

    @Test
    void without_hostname_is_refused() {
      refusesService("service has no hostname", it -> it.setHostname(""));
    }
  }

  @Test
  void whatever_the_bytes_they_are_decoded_or_refused() {
    var random = new Random(42);
    byte[] good =
        address(
                service("ns", "web", "198.51.100.1", 80, 8080)
                    .setLoadBalancing(
                        LoadBalancing.newBuilder()
                            .addRoutingPreference(LoadBalancing.Scope.SUBZONE)))
            .toByteArray();
    byte[] alsoGood = address(pod("ns", "a", "192.0.2.1")).toByteArray();
    int decoded = 0;
    for (int round = 0; round < 20_000; round++) {
      byte[] bytes = (random.nextBoolean() ? good : alsoGood).clone();
      for (int flips = random.nextInt(4); flips >= 0; flips--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length) + 1);
      try {
        decoder.decode("n", Address.parseFrom(bytes));
        decoded++;
      } catch (InvalidResource | com.google.protobuf.InvalidProtocolBufferException expected) {
        assertThat(expected.getMessage()).isNotNull();
      }
    }
    assertThat(decoded).isPositive();
    assertThat(List.of(good, alsoGood)).doesNotContainNull();
  }
}
