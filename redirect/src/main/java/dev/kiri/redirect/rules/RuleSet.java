package dev.kiri.redirect.rules;

import static dev.kiri.redirect.rules.Match.Transport.TCP;
import static dev.kiri.redirect.rules.Match.Transport.UDP;
import static dev.kiri.redirect.rules.RuleChain.ISTIO_OUTPUT;
import static dev.kiri.redirect.rules.RuleChain.ISTIO_PREROUTING;
import static dev.kiri.redirect.rules.RuleFamily.BOTH;
import static dev.kiri.redirect.rules.RuleFamily.IPV4;
import static dev.kiri.redirect.rules.RuleFamily.IPV6;
import static dev.kiri.redirect.rules.RuleTable.MANGLE;
import static dev.kiri.redirect.rules.RuleTable.NAT;
import static dev.kiri.redirect.rules.RuleTable.RAW;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/// The rules of one pod, in the order in which they are written. Pure; independent of the backend.
///
/// In short: what the proxy sends is marked and left alone; what the node's probes send is left
/// alone; what else begins a connection goes to the proxy; the answers to connections that the
/// proxy opened in its client's name come back to it.
public record RuleSet(List<Rule> rules) {
  private static final Match NOT_FROM_PROXY = new Match.PacketMark(Marks.PROXY, false);
  private static final Match FROM_PROXY = new Match.PacketMark(Marks.PROXY, true);
  private static final Match ANY_TCP = new Match.Tcp();
  private static final Match TCP_BEGIN = new Match.TcpBegin();

  public RuleSet {
    rules = List.copyOf(rules);
  }

  /// The rules for a pod.
  public static RuleSet of(PodCapture pod, CaptureSettings node) {
    return new Author(pod, node).write();
  }

  /// The rules of one table, in order.
  public List<Rule> of(RuleTable table) {
    return rules.stream().filter(rule -> rule.table() == table).toList();
  }

  /// Writes the rules down, one method for each thing they achieve.
  private static final class Author {
    private final PodCapture pod;
    private final CaptureSettings node;
    private final boolean zones;
    private final List<Rule> rules = new ArrayList<>();

    Author(PodCapture pod, CaptureSettings node) {
      this.pod = pod;
      this.node = node;
      this.zones = pod.dns() && node.conntrackZones();
    }

    RuleSet write() {
      jumps();
      virtualInterfaces();
      rule(RuleId.M3, MANGLE, ISTIO_PREROUTING, new Target.MarkConnection(Marks.REPLY), FROM_PROXY);
      probes();
      if (pod.inbound()) {
        inbound();
      }
      rule(
          RuleId.M4,
          MANGLE,
          ISTIO_OUTPUT,
          new Target.RestoreMark(),
          new Match.ConnectionMark(Marks.REPLY));
      if (pod.dns()) {
        dns();
      }
      outbound();
      return new RuleSet(rules);
    }

    private void jumps() {
      jump(RuleId.M1, MANGLE, RuleChain.PREROUTING, ISTIO_PREROUTING);
      jump(RuleId.M2, MANGLE, RuleChain.OUTPUT, ISTIO_OUTPUT);
      jump(RuleId.N1, NAT, RuleChain.OUTPUT, ISTIO_OUTPUT);
      if (zones) {
        jump(RuleId.R1, RAW, RuleChain.PREROUTING, ISTIO_PREROUTING);
        jump(RuleId.R2, RAW, RuleChain.OUTPUT, ISTIO_OUTPUT);
      }
      jump(RuleId.N2, NAT, RuleChain.PREROUTING, ISTIO_PREROUTING);
    }

    private void virtualInterfaces() {
      for (var name : pod.virtualInterfaces()) {
        var arrived = new Match.ArrivedOn(name);
        var toProxy = new Target.Redirect(Marks.OUTBOUND_PORT);
        rule(RuleId.P1, NAT, ISTIO_PREROUTING, toProxy, arrived, TCP_BEGIN);
        rule(RuleId.P2, NAT, ISTIO_PREROUTING, new Target.Return(), arrived, ANY_TCP);
      }
    }

    /// What the node's probes send, and the answers, is not captured.
    private void probes() {
      if (pod.inbound()) {
        twins(
            RuleId.P3,
            ISTIO_PREROUTING,
            new Target.Accept(),
            six -> List.of(ANY_TCP, new Match.From(probe(six))));
      }
      twins(
          RuleId.O1,
          ISTIO_OUTPUT,
          new Target.Accept(),
          six -> List.of(ANY_TCP, new Match.To(probe(six))));
    }

    private void inbound() {
      twins(
          RuleId.P4,
          ISTIO_PREROUTING,
          new Target.Redirect(Marks.PLAINTEXT_PORT),
          six ->
              List.of(
                  new Match.NotTo(loopback(six)),
                  TCP_BEGIN,
                  new Match.NotToPort(TCP, Marks.HBONE_PORT),
                  NOT_FROM_PROXY));
    }

    private void dns() {
      var toProxy = new Target.Redirect(Marks.DNS_PROXY_PORT);
      rule(
          RuleId.O2,
          NAT,
          ISTIO_OUTPUT,
          toProxy,
          new Match.LeavesOnLoopback(false),
          NOT_FROM_PROXY,
          new Match.ToPort(UDP, Marks.DNS_PORT));
      twins(
          RuleId.O3,
          ISTIO_OUTPUT,
          toProxy,
          six ->
              List.of(
                  new Match.NotTo(loopback(six)),
                  TCP_BEGIN,
                  new Match.ToPort(TCP, Marks.DNS_PORT),
                  NOT_FROM_PROXY));
      if (zones) {
        var apart = new Target.ConntrackZone(Marks.DNS_ZONE);
        rule(
            RuleId.R3, RAW, ISTIO_OUTPUT, apart, new Match.ToPort(UDP, Marks.DNS_PORT), FROM_PROXY);
        rule(
            RuleId.R4,
            RAW,
            ISTIO_PREROUTING,
            apart,
            new Match.FromPort(UDP, Marks.DNS_PORT),
            NOT_FROM_PROXY);
      }
    }

    private void outbound() {
      rule(
          RuleId.O4,
          NAT,
          ISTIO_OUTPUT,
          new Target.Accept(),
          ANY_TCP,
          new Match.PacketMark(Marks.REPLY, true));
      twins(
          RuleId.O5,
          ISTIO_OUTPUT,
          new Target.Accept(),
          six -> List.of(new Match.LeavesOnLoopback(true), new Match.NotTo(loopback(six))));
      twins(
          RuleId.O6,
          ISTIO_OUTPUT,
          new Target.Redirect(Marks.OUTBOUND_PORT),
          six -> List.of(new Match.NotTo(loopback(six)), TCP_BEGIN, NOT_FROM_PROXY));
    }

    private interface Conditions {
      List<Match> of(boolean six);
    }

    private void twins(RuleId id, RuleChain chain, Target target, Conditions conditions) {
      rules.add(new Rule(id, NAT, chain, IPV4, conditions.of(false), target));
      if (node.ipv6()) {
        rules.add(new Rule(id, NAT, chain, IPV6, conditions.of(true), target));
      }
    }

    private void rule(
        RuleId id, RuleTable table, RuleChain chain, Target target, Match... matches) {
      rules.add(new Rule(id, table, chain, BOTH, List.of(matches), target));
    }

    private void jump(RuleId id, RuleTable table, RuleChain from, RuleChain to) {
      rules.add(new Rule(id, table, from, BOTH, List.of(), new Target.Jump(to)));
    }

    private InetAddress probe(boolean six) {
      return six ? node.probe6() : node.probe4();
    }

    private static InetAddress loopback(boolean six) {
      return six ? InetAddress.ofLiteral("::1") : InetAddress.ofLiteral("127.0.0.1");
    }
  }
}
