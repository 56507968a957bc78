package dev.kiri.mesh.ca;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.mesh.grpc.ControlPlaneEndpoint;
import dev.kiri.mesh.grpc.ControlPlaneLoop;
import dev.kiri.mesh.grpc.RootSource;
import dev.kiri.mesh.testing.FakeAuthority;
import dev.kiri.mesh.testing.FakeCa;
import dev.kiri.mesh.testing.FakeControlPlane;
import io.grpc.Metadata;
import io.grpc.Status;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The client against a certificate service on loopback. Cases of istio/ztunnel
/// `src/identity/caclient.rs`.
class CertificateClientTest {
  private static final SpiffeId WEB = SpiffeId.of("cluster.local", "ns", "web");

  private final FakeControlPlane controlPlane = FakeControlPlane.start();
  private final ControlPlaneLoop loop = new ControlPlaneLoop();
  private final CertificateClient client = client(true);

  private CertificateClient client(boolean impersonate) {
    return new CertificateClient(loop, controlPlane.endpoint(), Duration.ofHours(24), impersonate);
  }

  @AfterEach
  void stop() {
    client.close();
    controlPlane.close();
    loop.close();
  }

  @Test
  void the_certificate_is_for_the_identity_and_for_a_key_of_our_own() throws Exception {
    var certificate = client.fetch(WEB);

    assertThat(certificate.identity()).isEqualTo(WEB);
    assertThat(certificate.chain()).hasSize(1);
    assertThat(certificate.roots()).containsExactly(controlPlane.authority().root());
    var signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(certificate.key());
    signature.update((byte) 1);
    byte[] signed = signature.sign();
    signature.initVerify(certificate.leaf().getPublicKey());
    signature.update((byte) 1);
    assertThat(signature.verify(signed)).isTrue();
  }

  @Test
  void the_request_has_no_subject_and_the_identity_as_its_one_critical_name() throws Exception {
    client.fetch(WEB);

    var request = controlPlane.ca().requests().getFirst();
    var csr = FakeCa.csr(request);
    var attribute = csr.getAttributes(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest)[0];
    var extensions = Extensions.getInstance(attribute.getAttrValues().getObjectAt(0));
    var name = extensions.getExtension(Extension.subjectAlternativeName);

    assertThat(request.getValidityDuration()).isEqualTo(86_400);
    assertThat(request.getMetadata().getFieldsOrThrow("ImpersonatedIdentity").getStringValue())
        .isEqualTo(WEB.uri());
    assertThat(csr.getSubject().getRDNs()).isEmpty();
    assertThat(extensions.getExtensionOIDs()).hasSize(1);
    assertThat(name.isCritical()).isTrue();
    assertThat(GeneralNames.getInstance(name.getParsedValue()).getNames())
        .singleElement()
        .satisfies(it -> assertThat(it.getName().toString()).isEqualTo(WEB.uri()));
    assertThat(
            csr.isSignatureValid(
                new JcaContentVerifierProviderBuilder().build(csr.getSubjectPublicKeyInfo())))
        .isTrue();
  }

  @Test
  void each_request_has_a_fresh_key() throws Exception {
    assertThat(client.fetch(WEB).key()).isNotEqualTo(client.fetch(WEB).key());
  }

  @Test
  void a_proxy_that_acts_for_itself_asks_without_impersonation() throws Exception {
    try (var own = client(false)) {
      var certificate = own.fetch(WEB);

      assertThat(certificate.identity()).hasToString("spiffe://cluster.local/ns/own/sa/own");
    }
    assertThat(controlPlane.ca().requests().getFirst().hasMetadata()).isFalse();
  }

  @Test
  void calls_carry_the_token() throws Exception {
    client.fetch(WEB);

    var authorization = Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
    assertThat(controlPlane.headers().getFirst().get(authorization)).isEqualTo("Bearer token");
  }

  @Test
  void intermediates_follow_the_leaf_and_every_root_of_the_bundle_is_trusted() throws Exception {
    var second = new FakeAuthority("second");
    controlPlane
        .ca()
        .answer(
            (identity, key) ->
                List.of(
                    controlPlane.ca().leaf(identity, key),
                    new FakeAuthority("intermediate").rootPem(),
                    controlPlane.authority().rootPem()
                        + "-----BEGIN CERTIFICATE-----\nbroken\n-----END CERTIFICATE-----\n"
                        + second.rootPem()));

    var certificate = client.fetch(WEB);

    assertThat(certificate.chain()).hasSize(2);
    assertThat(certificate.roots()).containsExactly(controlPlane.authority().root(), second.root());
  }

  @Test
  void an_empty_chain_is_refused() {
    controlPlane.ca().answer((identity, key) -> List.of());

    assertThatThrownBy(() -> client.fetch(WEB))
        .isInstanceOf(CertificateRefused.class)
        .hasMessage("chain returned from CA is empty for: " + WEB);
  }

  @Test
  void another_identity_is_refused() {
    controlPlane
        .ca()
        .answer(
            (identity, key) ->
                List.of(
                    controlPlane.ca().leaf("spiffe://cluster.local/ns/ns/sa/other", key),
                    controlPlane.authority().rootPem()));

    assertThatThrownBy(() -> client.fetch(WEB))
        .isInstanceOf(CertificateRefused.class)
        .hasMessage("did not find expected SAN: " + WEB);
  }

  @Test
  void a_certificate_for_another_key_is_refused() throws Exception {
    var other = KeyPairGenerator.getInstance("EC").generateKeyPair().getPublic();
    controlPlane
        .ca()
        .answer(
            (identity, key) ->
                List.of(
                    controlPlane.ca().leaf(identity, other), controlPlane.authority().rootPem()));

    assertThatThrownBy(() -> client.fetch(WEB))
        .isInstanceOf(CertificateRefused.class)
        .hasMessageContaining("not for our key");
  }

  @Test
  void a_chain_without_root_is_refused() {
    controlPlane.ca().answer((identity, key) -> List.of(controlPlane.ca().leaf(identity, key)));

    assertThatThrownBy(() -> client.fetch(WEB))
        .isInstanceOf(CertificateRefused.class)
        .hasMessageContaining("no root certificate");
  }

  @Test
  void what_is_no_certificate_is_refused() {
    controlPlane.ca().answer((identity, key) -> List.of("hello", "world"));

    assertThatThrownBy(() -> client.fetch(WEB)).isInstanceOf(CertificateRefused.class);
  }

  @Test
  void the_authority_s_refusal_is_passed_on() {
    controlPlane
        .ca()
        .answer(
            (identity, key) -> {
              throw Status.UNAUTHENTICATED
                  .withDescription("request impersonation authentication failure")
                  .asRuntimeException();
            });

    assertThatThrownBy(() -> client.fetch(WEB))
        .isInstanceOf(CertificateRefused.class)
        .hasMessage(
            "signing gRPC error (Unauthenticated): request impersonation authentication failure");
  }

  @Test
  void new_roots_are_used_for_the_next_request(@TempDir Path folder) throws Exception {
    var roots = Files.writeString(folder.resolve("root-cert.pem"), "-----BEGIN nothing");
    var plain = controlPlane.endpoint();
    var endpoint =
        new ControlPlaneEndpoint(
            plain.uri(), null, new RootSource.File(roots), plain.token(), "k", Map.of());
    try (var own = new CertificateClient(loop, endpoint, Duration.ofHours(1), true)) {
      assertThatThrownBy(() -> own.fetch(WEB)).isInstanceOf(CertificateRefused.class);

      Files.writeString(roots, new FakeAuthority("other").rootPem());
      assertThatThrownBy(() -> own.fetch(WEB))
          .isInstanceOf(CertificateRefused.class)
          .hasMessageStartingWith("signing gRPC error (Unavailable)");

      Files.writeString(roots, controlPlane.authority().rootPem());
      assertThat(own.fetch(WEB).identity()).isEqualTo(WEB);

      Files.delete(roots);
      assertThat(own.fetch(WEB).identity()).isEqualTo(WEB);
    }
  }
}
