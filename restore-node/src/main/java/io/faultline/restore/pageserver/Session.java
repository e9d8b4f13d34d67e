package io.faultline.restore.pageserver;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.io.IOException;

/** What a server does with the commands of one client. Confined to the connection's event loop. */
interface Session {
  /** The connection is ready. */
  void start(Channel channel);

  /**
   * The header that the client uses, by its first command.
   *
   * @param command of the first header
   * @param index where {@link PageServerHeader#COMMON_BYTES} have arrived
   */
  PageServerHeader header(int command, ByteBuf in, int index) throws PageServerException;

  /**
   * A command.
   *
   * @return how many bytes of contents follow
   */
  long command(PageServerHeader header, ByteBuf in, int index) throws IOException;

  /**
   * Contents that follow the last command.
   *
   * @param bytes how many to read from the buffer
   */
  void contents(ByteBuf in, int bytes) throws IOException;

  /** Whether the next command may be read: otherwise the answers are not sent fast enough. */
  boolean isReady();

  /**
   * The connection has ended. Nothing follows.
   *
   * @throws PageServerException if the session is not complete
   */
  void ended() throws IOException;
}
