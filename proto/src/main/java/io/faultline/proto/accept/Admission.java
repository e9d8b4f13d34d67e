package io.faultline.proto.accept;

import io.faultline.proto.FrameReceiver;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.util.function.Consumer;

/**
 * Where an accepted connection goes.
 *
 * @param loop the event loop that owns it from now on
 * @param receiver gets its frames, on that loop
 * @param arrived called on that loop once the connection is registered there; the hello must be
 *     answered after that
 * @param failed called if the connection cannot be registered there
 */
public record Admission(
    EventLoop loop,
    FrameReceiver receiver,
    Consumer<Channel> arrived,
    Consumer<Throwable> failed) {}
