package io.faultline.cli.status;

import io.faultline.proto.control.ControlMessages;
import io.faultline.proto.wire.control.ControlRequest;
import io.faultline.proto.wire.control.ControlResponse;
import java.io.EOFException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/** A connection to the control socket of a node. */
public final class ControlClient implements AutoCloseable {
  private final SocketChannel channel;

  /**
   * Connects.
   *
   * @throws IOException if no node listens there
   */
  public ControlClient(Path socket) throws IOException {
    channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
  }

  /**
   * Sends a request, and waits for the response.
   *
   * @throws IOException if the node ends before it answers
   */
  public ControlResponse ask(ControlRequest request) throws IOException {
    ControlMessages.write(Channels.newOutputStream(channel), request);
    ControlResponse response =
        ControlMessages.read(Channels.newInputStream(channel), ControlResponse.parser());
    if (response == null) {
      throw new EOFException("the node closed the connection without an answer");
    }
    return response;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
