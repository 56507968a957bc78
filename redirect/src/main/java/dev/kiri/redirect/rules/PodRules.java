package dev.kiri.redirect.rules;

import dev.kiri.redirect.netns.PodNetns;
import java.io.IOException;

/// Puts rules into pods and takes them out again. Thread-safe; one pod's calls must come one after
/// another, from platform threads.
public final class PodRules {
  private final Commands commands;
  private final CaptureSettings settings;

  public PodRules(Commands commands, CaptureSettings settings) {
    this.commands = commands;
    this.settings = settings;
  }

  /// What applying did.
  public enum Change {
    /// The rules were in force already and were not touched: their counters live on.
    NONE,
    /// The rules were put in place, in one transaction.
    APPLIED
  }

  /// Makes exactly these rules those in force, with the routing they need. Repeating it is free.
  ///
  /// @throws IOException when the kernel or `nft` refuses; the rules are then those of before
  public Change apply(PodNetns pod, PodCapture capture) throws IOException {
    var rules = RuleSet.of(capture, settings);
    var script = NftScript.apply(rules);
    var change = Change.NONE;
    if (!installed(pod).are(rules, script.marker())) {
      commands.nft(pod, script.text(), "-f", "-");
      change = Change.APPLIED;
    }
    PolicyRouting.apply(pod, settings.ipv6());
    return change;
  }

  /// Whether exactly these rules are in force.
  public boolean verify(PodNetns pod, PodCapture capture) throws IOException {
    var rules = RuleSet.of(capture, settings);
    return installed(pod).are(rules, NftScript.apply(rules).marker());
  }

  /// Lets new connections go past the mesh while those in it go on. [#remove] comes after.
  public void retire(PodNetns pod) throws IOException {
    if (!installed(pod).areNone()) {
      commands.nft(pod, NftScript.retire(), "-f", "-");
    }
  }

  /// Leaves nothing of ours in the pod.
  public void remove(PodNetns pod) throws IOException {
    commands.nft(pod, NftScript.remove(), "-f", "-");
    PolicyRouting.remove(pod);
  }

  private InstalledRules installed(PodNetns pod) throws RulesException {
    return InstalledRules.parse(commands.nft(pod, "", "-j", "list", "ruleset", "inet"));
  }
}
