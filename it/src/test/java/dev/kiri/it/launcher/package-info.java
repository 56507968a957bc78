/// The launcher `./kiri` on machines that lack something: a copy of it in a folder of its own, with
/// a JDK and a Maven that only say how they were called.
@NullMarked
package dev.kiri.it.launcher;

import org.jspecify.annotations.NullMarked;
