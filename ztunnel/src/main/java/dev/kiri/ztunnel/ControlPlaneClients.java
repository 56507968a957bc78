package dev.kiri.ztunnel;

import dev.kiri.mesh.ca.CertificateClient;
import dev.kiri.mesh.ca.CertificateManager;
import dev.kiri.mesh.ca.NodeCertificates;
import dev.kiri.mesh.grpc.ControlPlaneLoop;
import dev.kiri.mesh.store.MeshStore;
import dev.kiri.mesh.xds.Demands;
import dev.kiri.mesh.xds.NodeDescription;
import dev.kiri.mesh.xds.WorkloadSubscription;
import dev.kiri.mesh.xds.XdsClient;
import dev.kiri.mesh.xds.XdsObserver;
import dev.kiri.mesh.xds.XdsSettings;
import dev.kiri.ztunnel.settings.ZtunnelSettings;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What a node proxy asks of the control plane, as its settings say.
///
/// @param mesh what is known of the mesh, and where more is added
/// @param closing gets what has to be closed, in start order
record ControlPlaneClients(
    ZtunnelSettings settings,
    MeshStore mesh,
    ControlPlaneLoop loop,
    Consumer<AutoCloseable> closing) {

  /// Certificates for the workloads of the node, from now on.
  CertificateManager certificates() {
    var plane = settings.controlPlane();
    var client = new CertificateClient(loop, plane.authority(), plane.certificateLifetime(), true);
    var manager = new CertificateManager(client);
    closing.accept(client);
    closing.accept(manager);
    var nodeName = settings.node().nodeName();
    if (nodeName != null) {
      closing.accept(NodeCertificates.watch(manager, mesh, nodeName));
    }
    return manager;
  }

  /// Learns of the mesh from now on; completes when it is known, at once where nobody is asked.
  CompletableFuture<?> discover(XdsObserver observer, @Nullable Demands demands) {
    var endpoint = settings.controlPlane().discovery();
    if (endpoint == null) {
      return CompletableFuture.completedFuture(null);
    }
    var self = settings.node();
    var description =
        NodeDescription.of(
            "ztunnel",
            self.instanceIp(),
            self.podName(),
            self.podNamespace(),
            self.nodeName() == null ? "" : self.nodeName(),
            self.metadata());
    var client =
        new XdsClient(
            loop,
            XdsSettings.of(endpoint, description),
            WorkloadSubscription.of(mesh),
            observer,
            demands);
    closing.accept(client);
    client.start();
    return client.synced();
  }
}
