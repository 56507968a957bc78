/// Tells what an ambient mesh does, on the example shop: eight steps, each with what is expected
/// and what was observed. It is also the first end-to-end test.
///
/// Entry type: `Demo`. A step is a method of one of the chapter classes; it only uses what a user
/// has:
/// commands inside pods, logs, objects, edited manifests.
@NullMarked
package dev.kiri.local.demo;

import org.jspecify.annotations.NullMarked;
