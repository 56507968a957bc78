@NullMarked
package io.netty.channel.epoll;

import org.jspecify.annotations.NullMarked;
