package io.faultline.proto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;

final class HeaderLengthTest {
  private final HeaderLength length = new HeaderLength();

  @Test
  void lengthIsReadWithoutConsumingIt() throws WireException {
    length.allow(1 << 20);
    ByteBuf in = bytes(0xac, 0x02, 7);
    assertThat(length.read(in)).isEqualTo(300);
    assertThat(in.readerIndex()).isZero();
    assertThat(length.bytesMissing(in)).isEqualTo(299);
  }

  @Test
  void incompleteFieldNeedsOneMoreByte() throws WireException {
    length.allow(1 << 20);
    assertThat(length.read(bytes(0xac))).isEqualTo(-1);
    assertThat(length.bytesMissing(bytes(0xac))).isEqualTo(1);
  }

  @Test
  void limitGrowsOnceThePeerIsKnown() throws WireException {
    length.allow(5000);
    ByteBuf in = Unpooled.buffer();
    Varint.write(in, 5000);
    assertThat(length.read(in)).isEqualTo(5000);
    ByteBuf longer = Unpooled.buffer();
    Varint.write(longer, 5001);
    assertThatThrownBy(() -> length.read(longer))
        .isInstanceOf(WireException.class)
        .hasMessage("not a frame: a header of 5001 bytes (1 to 5000 allowed)");
  }

  @Test
  void zeroPaddedAndOverlongFieldsAreRefused() {
    length.allow(1 << 20);
    assertThatThrownBy(() -> length.read(bytes(0))).hasMessageContaining("a header of 0 bytes");
    assertThatThrownBy(() -> length.read(bytes(0x81, 0))).isInstanceOf(WireException.class);
    assertThatThrownBy(() -> length.read(bytes(0x81, 0x81, 0x81, 0x81, 1)))
        .hasMessageContaining("more than 4 bytes");
  }

  private static ByteBuf bytes(int... values) {
    ByteBuf buffer = Unpooled.buffer();
    for (int each : values) {
      buffer.writeByte(each);
    }
    return buffer;
  }
}
