package io.faultline.restore.pageserver;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;

/** TLS as CRIU speaks it. */
public final class CriuTls {
  private final SslContext client;

  CriuTls(SslContext client) {
    this.client = client;
  }

  /** Adds TLS to a connection to a server. */
  public void addClient(Channel channel, String host, int port) {
    SslHandler handler = client.newHandler(channel.alloc(), host, port);
    channel.pipeline().addLast(handler);
  }
}
