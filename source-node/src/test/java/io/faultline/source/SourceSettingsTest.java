package io.faultline.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.memory.Placement;
import io.faultline.proto.runs.CompressionMode;
import io.faultline.proto.security.Security;
import io.faultline.source.scan.ScanSettings;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SourceSettingsTest {
  private static final InetSocketAddress ADDRESS = InetSocketAddress.createUnresolved("b", 1);

  @Test
  void eachChangeKeepsTheOtherSettings() {
    PrecopySettings precopy = PrecopySettings.DEFAULT.withMaxRounds(7);
    SourceSettings changed =
        new SourceSettings(ADDRESS)
            .withMode(MigrationMode.HYBRID)
            .withPlacement(Placement.CONTINUE)
            .withPrecopy(precopy)
            .withBandwidth(1234)
            .withBubbling(false)
            .withPrefetch(false)
            .withHotFirst(false)
            .withWire(new WireSettings(CompressionMode.LZ4, false))
            .withChannels(5)
            .withSecurity(Security.INSECURE);
    assertThat(changed)
        .isEqualTo(
            new SourceSettings(
                ADDRESS,
                MigrationMode.HYBRID,
                Placement.CONTINUE,
                precopy,
                1234,
                new ScanSettings(false, false, false),
                new WireSettings(CompressionMode.LZ4, false, 5),
                Security.INSECURE));
  }

  @Test
  void defaultIsOneBulkConnection() {
    assertThat(new SourceSettings(ADDRESS).wire().channels()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, 17})
  void numberOfBulkConnectionsIsLimited(int channels) {
    assertThatThrownBy(() -> new SourceSettings(ADDRESS).withChannels(channels))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(channels + " bulk connections; choose 1 to 16");
  }
}
