package io.faultline.proto;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.local.LocalAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SocketAddressesTest {
  @ParameterizedTest
  @CsvSource({
    "127.0.0.1, 127.0.0.1:4747",
    "0.0.0.0, 0.0.0.0:4747",
    "::1, [::1]:4747",
    "2001:db8:0:0:0:0:0:5, [2001:db8::5]:4747"
  })
  void numericAddressHasNoSlashAndIpv6IsInBrackets(String host, String expected)
      throws UnknownHostException {
    byte[] bytes = InetAddress.getByName(host).getAddress();
    InetSocketAddress ofSocket = new InetSocketAddress(InetAddress.getByAddress(bytes), 4747);
    assertThat(SocketAddresses.format(ofSocket)).isEqualTo(expected);
    assertThat(SocketAddresses.format(new InetSocketAddress(host, 4747))).isEqualTo(expected);
  }

  @Test
  void nameIsKeptWhetherItIsResolvedOrNot() throws UnknownHostException {
    InetAddress named = InetAddress.getByAddress("db.example", new byte[] {10, 0, 0, 1});
    assertThat(SocketAddresses.format(new InetSocketAddress(named, 1))).isEqualTo("db.example:1");
    assertThat(SocketAddresses.format(InetSocketAddress.createUnresolved("db.example", 1)))
        .isEqualTo("db.example:1");
    assertThat(SocketAddresses.format(InetSocketAddress.createUnresolved("::1", 1)))
        .isEqualTo("[::1]:1");
  }

  @Test
  void scopeOfALinkLocalAddressIsKept() throws UnknownHostException {
    InetAddress linkLocal = InetAddress.getByName("fe80::1%1");
    assertThat(SocketAddresses.format(new InetSocketAddress(linkLocal, 7)))
        .startsWith("[fe80:")
        .contains("%")
        .endsWith("]:7");
  }

  @Test
  void otherAddressesKeepTheirForm() {
    assertThat(SocketAddresses.format(new LocalAddress("pipe"))).isEqualTo("local:pipe");
    assertThat(SocketAddresses.format(null)).isEqualTo("unknown address");
  }
}
