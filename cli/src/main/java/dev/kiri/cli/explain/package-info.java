/// Answers what would become of a connection: asks the proxies on its way, one after the other.
///
/// Entry type: [Journey]. A [Question] is what the user wrote, an [Explanation] the stages with
/// their decisions. [Journey] blocks until the proxies have answered.
@NullMarked
package dev.kiri.cli.explain;

import org.jspecify.annotations.NullMarked;
