package dev.kiri.ztunnel.outbound;

import static dev.kiri.ztunnel.TestMesh.at;
import static dev.kiri.ztunnel.TestMesh.captured;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.hbone.HboneFailure;
import dev.kiri.hbone.connect.Authority;
import dev.kiri.hbone.tls.PeerRejected;
import dev.kiri.ztunnel.balance.EndpointKey;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class RetryTest {
  private static final OutboundDecision.Tunnel DIRECT = tunnel("192.0.2.1", "192.0.2.1");
  private static final OutboundDecision.Tunnel TO_WAYPOINT = tunnel("192.0.2.9", "192.0.2.1");

  private static OutboundDecision.Tunnel tunnel(String nextHop, String asked) {
    return new OutboundDecision.Tunnel(
        at(nextHop, 15008),
        Authority.of(at(asked, 80)),
        captured("b", nextHop).build(),
        80,
        null,
        List.of());
  }

  @Test
  void an_endpoint_that_refuses_or_swallows_is_at_fault() {
    assertThat(
            List.of(
                new HboneFailure.ConnectTimedOut(15008),
                new HboneFailure.Io("Connection refused (os error 111)"),
                new HboneFailure.Http2Failed("eof"),
                new HboneFailure.StreamFailed("REFUSED_STREAM")))
        .allMatch(failure -> Retry.blames(DIRECT, failure));
  }

  @Test
  void an_identity_or_policy_that_does_not_fit_is_never_tried_elsewhere() {
    assertThat(
            List.of(
                new HboneFailure.TlsRefused(new PeerRejected.UnknownIssuer()),
                new HboneFailure.NoCertificate("spiffe://x/ns/a/sa/b"),
                new HboneFailure.Refused(401),
                new HboneFailure.Refused(400),
                new HboneFailure.Saturated("streams"),
                new HboneFailure.Cancelled("the pod")))
        .noneMatch(failure -> Retry.blames(DIRECT, failure));
  }

  @Test
  void an_application_that_is_away_is_its_endpoints_fault_but_not_its_waypoints() {
    assertThat(Retry.blames(DIRECT, new HboneFailure.Refused(503))).isTrue();
    assertThat(Retry.blames(TO_WAYPOINT, new HboneFailure.Refused(503))).isFalse();
  }

  @Test
  void what_the_peer_was_told_along_with_the_request_forbids_another_unless_it_refused() {
    var lost = new HboneFailure.StreamFailed("connection lost");
    var refused = new HboneFailure.Refused(503);

    assertThat(Retry.mayRepeat(lost, false)).isTrue();
    assertThat(Retry.mayRepeat(lost, true)).isFalse();
    assertThat(Retry.mayRepeat(refused, true)).isTrue();
  }

  @Test
  void attempts_and_time_are_bounded() {
    var one = new EndpointKey("a", 80);

    assertThat(Retry.mayGoOn(List.of(one, one), Duration.ofSeconds(14))).isTrue();
    assertThat(Retry.mayGoOn(List.of(one, one, one), Duration.ZERO)).isFalse();
    assertThat(Retry.mayGoOn(List.of(one), Retry.PATIENCE)).isFalse();
  }

  @Test
  void only_an_endpoint_that_was_not_tried_is_another() {
    var refused = new OutboundDecision.Refused(new OutboundRefusal.CallToOurselves());

    assertThat(Retry.elsewhere(DIRECT, List.of())).isTrue();
    assertThat(Retry.elsewhere(DIRECT, List.of(new EndpointKey(DIRECT.destination().uid(), 80))))
        .isFalse();
    assertThat(Retry.elsewhere(refused, List.of())).isFalse();
    assertThat(
            Retry.elsewhere(
                new OutboundDecision.Plaintext(at("192.0.2.1", 80), null, null), List.of()))
        .isFalse();
  }
}
