/// The few Linux system calls that Java lacks, through `java.lang.foreign`, and nothing else.
///
/// Entry types: [dev.kiri.redirect.sys.Linux] for files and namespaces,
/// [dev.kiri.redirect.sys.Sockets] for sockets. Every call blocks the operating system thread it
/// runs on and none may be made from a virtual thread. Failures are a
/// [dev.kiri.redirect.sys.LinuxException] carrying the call and its `errno`.
@NullMarked
package dev.kiri.redirect.sys;

import org.jspecify.annotations.NullMarked;
