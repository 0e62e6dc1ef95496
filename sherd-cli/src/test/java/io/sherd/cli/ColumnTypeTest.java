package io.sherd.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ColumnTypeTest {
    @ParameterizedTest
    @CsvSource({
        "'',null",
        "true,bool",
        "false,bool",
        "True,utf8",
        "truex,utf8",
        "t,utf8",
        "0,int64",
        "-1,int64",
        "999999999999999999,int64",
        "9223372036854775807,int64",
        "-9223372036854775808,int64",
        "9223372036854775808,utf8",
        "-9223372036854775809,utf8",
        "99999999999999999999,utf8",
        "-0,float64",
        "00,utf8",
        "007,utf8",
        "-01,utf8",
        "+1,utf8",
        "-,utf8",
        "1.5,float64",
        "-0.0,float64",
        "1.,utf8",
        ".5,utf8",
        "01.5,utf8",
        "1e5,float64",
        "1E+05,float64",
        "1e,utf8",
        "1e+,utf8",
        "1e400,utf8",
        "-1e400,utf8",
        "1e-400,float64",
        "1.2.3,utf8",
        "2024-01-05,utf8",
        "0x10,utf8",
        "NaN,utf8",
        "'12 ',utf8",
        "' 12',utf8",
        "1_000,utf8",
        "١٢,utf8"
    })
    void ofText(String text, String type) {
        assertThat(ColumnType.ofText(text).label()).isEqualTo(type);
    }

    @Test
    void wideningEndsAtTextForCsvAndAtJsonForJson() {
        assertThat(ColumnType.NULL.widenedByText(ColumnType.INT64)).isEqualTo(ColumnType.INT64);
        assertThat(ColumnType.INT64.widenedByText(ColumnType.NULL)).isEqualTo(ColumnType.INT64);
        assertThat(ColumnType.INT64.widenedByText(ColumnType.FLOAT64)).isEqualTo(ColumnType.FLOAT64);
        assertThat(ColumnType.FLOAT64.widenedByText(ColumnType.INT64)).isEqualTo(ColumnType.FLOAT64);
        assertThat(ColumnType.BOOL.widenedByText(ColumnType.INT64)).isEqualTo(ColumnType.UTF8);
        assertThat(ColumnType.BOOL.widenedByJson(ColumnType.INT64)).isEqualTo(ColumnType.JSON);
        assertThat(ColumnType.UTF8.widenedByText(ColumnType.BOOL)).isEqualTo(ColumnType.UTF8);
        assertThat(ColumnType.UTF8.widenedByJson(ColumnType.BOOL)).isEqualTo(ColumnType.JSON);
        assertThat(ColumnType.JSON.widenedByJson(ColumnType.UTF8)).isEqualTo(ColumnType.JSON);
    }
}
