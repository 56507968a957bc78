package dev.kiri.ztunnel.dump;

import static dev.kiri.ztunnel.TestMesh.byAddress;
import static dev.kiri.ztunnel.TestMesh.captured;
import static dev.kiri.ztunnel.TestMesh.key;
import static dev.kiri.ztunnel.TestMesh.service;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.testing.TestCa;
import dev.kiri.mesh.ca.CertificateStatus;
import dev.kiri.mesh.workload.PortMap;
import dev.kiri.redirect.zds.PodProxies;
import dev.kiri.redirect.zds.WorkloadInfo;
import dev.kiri.ztunnel.TestMesh;
import dev.kiri.ztunnel.TestPolicies;
import dev.kiri.ztunnel.settings.ZtunnelSettings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// The dump against what upstream's shows for the same mesh.
class ConfigDumpTest {
  private final TestMesh mesh =
      new TestMesh()
          .with(
              captured("server", "192.0.2.3")
                  .clusterId("")
                  .node("s")
                  .service(key("svc"), PortMap.of(80, 8080)))
          .with(
              service("svc")
                  .vip("198.51.100.1")
                  .port(80, 8080)
                  .waypoint(byAddress("192.0.2.4", 15008))
                  .build())
          .with(TestPolicies.denyPort(9999));

  @Test
  void workloads_look_as_upstreams_do() throws IOException {
    assertThat(dump())
        .contains(
            """
              "workloads": [
                {
                  "capacity": 1,
                  "clusterId": "",
                  "name": "server",
                  "namespace": "ns",
                  "networkMode": "Standard",
                  "node": "s",
                  "protocol": "HBONE",
                  "serviceAccount": "server",
                  "services": [
                    "ns/svc.com"
                  ],
                  "status": "Healthy",
                  "trustDomain": "cluster.local",
                  "uid": "cluster1//v1/Pod/ns/server",
                  "workloadIps": [
                    "192.0.2.3"
                  ]
                }
              ]
            }\
            """);
  }

  @Test
  void services_look_as_upstreams_do() throws IOException {
    assertThat(dump())
        .contains(
            """
              "services": [
                {
                  "canonical": false,
                  "endpoints": {
                    "cluster1//v1/Pod/ns/server": {
                      "port": {
                        "80": 8080
                      },
                      "status": "Healthy",
                      "workloadUid": "cluster1//v1/Pod/ns/server"
                    }
                  },
                  "hostname": "svc.com",
                  "name": "svc",
                  "namespace": "ns",
                  "ports": {
                    "80": 8080
                  },
                  "subjectAltNames": [],
                  "vips": [
                    "/198.51.100.1"
                  ],
                  "visibility": "Public",
                  "waypoint": {
                    "destination": "/192.0.2.4",
                    "hboneMtlsPort": 15008
                  }
                }
              ],
              "stagedServices": {},
            """);
  }

  @Test
  void policies_look_as_upstreams_do() throws IOException {
    assertThat(dump())
        .contains(
            """
              "policies": [
                {
                  "action": "Deny",
                  "dryRun": false,
                  "name": "deny-9999",
                  "namespace": "ns",
                  "rules": [
                    [
                      [
                        {
                          "destinationPorts": [
                            9999
                          ]
                        }
                      ]
                    ]
                  ],
                  "scope": "Namespace"
                }
              ],
            """);
  }

  @Test
  void certificates_are_shown_without_their_keys() throws IOException {
    var dump = dump();

    assertThat(dump)
        .contains("\"state\": \"Available\"")
        .contains("\"identity\": \"spiffe://cluster.local/ns/ns/sa/server\"")
        .containsPattern("\"serialNumber\": \"\\d+\"")
        .containsPattern("\"validFrom\": \"\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ\"")
        .contains("\"pem\": \"LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t")
        .doesNotContain("PRIVATE");
  }

  @Test
  void pods_of_the_agent_are_shown_with_their_state() throws IOException {
    assertThat(dump())
        .contains(
            """
              "workloadState": {
                "pod-uid": {
                  "info": {
                    "name": "server",
                    "namespace": "ns",
                    "serviceAccount": "server"
                  },
                  "state": "Pending"
                }
              },
            """);
  }

  @Test
  void settings_have_upstreams_keys() throws IOException {
    assertThat(dump())
        .contains("\"adminAddr\": {\n      \"Localhost\": [\n        true,\n        15000")
        .contains("\"inboundAddr\": \"[::]:15008\"")
        .contains("\"poolMaxStreamsPerConn\": 100")
        .contains("\"selfTerminationDeadline\": {\n      \"nanos\": 0,\n      \"secs\": 5\n    }");
  }

  private String dump() throws IOException {
    var certificate = TestCa.root("mesh").workload("ns", "server");
    var statuses =
        List.of(
            new CertificateStatus(
                certificate.identity(), new CertificateStatus.State.Available(certificate), null),
            new CertificateStatus(
                SpiffeId.of("cluster.local", "ns", "gone"),
                new CertificateStatus.State.Unavailable("no such identity"),
                null));
    var pods =
        List.of(new PodProxies.State("pod-uid", new WorkloadInfo("server", "ns", "server"), false));
    var dump =
        new ConfigDump(
            mesh.store(),
            () -> statuses,
            () -> pods,
            uid -> null,
            SettingsJson.of(ZtunnelSettings.from(Map.of(), 2)),
            Map.of());
    var out = new ByteArrayOutputStream();
    dump.writeTo(out);
    return out.toString(StandardCharsets.UTF_8);
  }
}
