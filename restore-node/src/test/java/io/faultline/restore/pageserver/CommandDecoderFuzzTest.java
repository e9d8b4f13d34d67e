package io.faultline.restore.pageserver;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Any bytes from a client are commands or are refused, with the same result however split. */
final class CommandDecoderFuzzTest {
  private static final int MAX_CONTENTS = 300;

  @FuzzTest(maxDuration = "2s")
  void anyBytesAreCommandsOrAreRefused(byte[] bytes) {
    for (int pieceBytes : new int[] {1, 37}) {
      assertThat(feed(bytes, pieceBytes)).isEqualTo(feed(bytes, bytes.length + 1));
    }
  }

  private static String feed(byte[] bytes, int pieceBytes) {
    CommandLog log = new CommandLog();
    EmbeddedChannel channel = new EmbeddedChannel(new CommandDecoder(log, log::ended));
    for (int at = 0; at < bytes.length && channel.isActive(); at += pieceBytes) {
      int length = Math.min(pieceBytes, bytes.length - at);
      ByteBuf piece = Unpooled.directBuffer(Math.max(length, 1));
      channel.writeInbound(piece.writeBytes(bytes, at, length));
    }
    channel.close();
    return log.lines.toString();
  }

  /** Logs commands and the number of bytes of contents. */
  private static final class CommandLog implements Session {
    final StringBuilder lines = new StringBuilder();
    private final ReceivingSession receiving = new ReceivingSession(Path.of("images"));
    private long contents;
    private boolean ended;

    @Override
    public void start(Channel channel) {}

    @Override
    public PageServerHeader header(int command, ByteBuf in, int index) throws PageServerException {
      PageServerHeader header =
          command == PageServerCommand.GET
              ? PageServerHeader.ofFirstGet(in, index)
              : receiving.header(command, in, index);
      lines.append(header).append('\n');
      return header;
    }

    @Override
    public long command(PageServerHeader header, ByteBuf in, int index) throws IOException {
      DumpTarget target = DumpTarget.of(header.target(in, index));
      assertThat(target.fileName()).matches("pagemap-(shmem-)?[0-9]+\\.img");
      int command = header.command(in, index);
      lines.append(command).append(' ').append(target).append('\n');
      return command == PageServerCommand.ADD ? header.pages(in, index) & MAX_CONTENTS : 0;
    }

    @Override
    public void contents(ByteBuf in, int bytes) {
      assertThat(bytes).isBetween(1, MAX_CONTENTS);
      contents += bytes;
    }

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public void ended() {
      ended = true;
    }

    void ended(@Nullable IOException cause) {
      if (cause != null && !(cause instanceof PageServerException)) {
        throw new AssertionError("the decoder failed", cause);
      }
      assertThat(ended).isTrue();
      lines.append(contents).append(" bytes, then ").append(cause);
    }
  }
}
