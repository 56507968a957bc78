/// What is programmed into a pod's namespace, and into the node's, so that traffic is captured.
///
/// [dev.kiri.redirect.rules.RuleSet] is the pure model: the same rules, ids and constants as
/// upstream's, whatever carries them out. [dev.kiri.redirect.rules.NftScript] writes it for
/// nftables; [dev.kiri.redirect.rules.PodRules] and [dev.kiri.redirect.rules.HostRules] apply,
/// verify and remove. A whole pod is one transaction: there is no moment with half of the rules.
/// Rules in force are recognised by a hash in their comment, never by their text, and left alone.
/// Calls run commands and must come from platform threads.
@NullMarked
package dev.kiri.redirect.rules;

import org.jspecify.annotations.NullMarked;
