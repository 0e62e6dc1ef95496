package io.sherd.jackson;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sherd.ShardedMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Sharded maps as JSON. */
final class SherdModuleTest {
    private static final TypeReference<ShardedMap<String, Long>> COUNTS = new TypeReference<>() {};

    private final JsonMapper mapper =
            JsonMapper.builder().addModule(new SherdModule()).build();

    private ShardedMap<String, Long> counts(String json) throws JacksonException {
        return mapper.readValue(json, COUNTS);
    }

    record Point(int x, int y) {}

    record Holder(String name, ShardedMap<UUID, Point> points) {}

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
    @com.fasterxml.jackson.annotation.JsonSubTypes({
        @com.fasterxml.jackson.annotation.JsonSubTypes.Type(value = Circle.class, name = "circle"),
        @com.fasterxml.jackson.annotation.JsonSubTypes.Type(value = Square.class, name = "square")
    })
    sealed interface Shape {}

    record Circle(int radius) implements Shape {}

    record Square(int side) implements Shape {}

    @Test
    void writesShardsAndEntries() throws JacksonException {
        ShardedMap<String, Long> map = ShardedMap.onHeap().shards(8).build();
        map.put("a", 1L);
        assertThat(mapper.writeValueAsString(map)).isEqualTo("{\"shardCount\":8,\"entries\":{\"a\":1}}");
        ShardedMap<String, Long> read = counts(mapper.writeValueAsString(map));
        assertThat(read).isEqualTo(map);
        assertThat(read.shards().count()).isEqualTo(8);
        assertThat(read.get("a")).isInstanceOf(Long.class);
    }

    @Test
    void anyMapGoesRound() throws java.io.IOException {
        for (long seed = 0; seed < 50; seed++) {
            Random random = new Random(seed);
            ShardedMap<Integer, List<Double>> map =
                    ShardedMap.onHeap().shards(1 + random.nextInt(100)).build();
            for (int i = random.nextInt(300); i > 0; i--) {
                map.put(random.nextInt(), List.of(random.nextDouble(), (double) i));
            }
            ShardedMap<Integer, List<Double>> read = mapper.readValue(
                    mapper.writeValueAsBytes(map), new TypeReference<ShardedMap<Integer, List<Double>>>() {});
            assertThat(read).as("seed %d", seed).isEqualTo(map);
            assertThat(read.shards().count())
                    .isGreaterThanOrEqualTo(map.shards().count());
        }
    }

    @Test
    void readsPlainMaps() throws JacksonException {
        assertThat(counts("{}")).isEmpty();
        assertThat(counts("{\"a\":1,\"b\":2}")).isEqualTo(Map.of("a", 1L, "b", 2L));
    }

    @Test
    void plainMapsMayHaveTheNamesOfTheFields() throws JacksonException {
        assertThat(counts("{\"shardCount\":3}")).isEqualTo(Map.of("shardCount", 3L));
        assertThat(counts("{\"shardCount\":3,\"b\":4}")).isEqualTo(Map.of("shardCount", 3L, "b", 4L));
        assertThat(counts("{\"shardCount\":3,\"entries\":4,\"c\":5}"))
                .isEqualTo(Map.of("shardCount", 3L, "entries", 4L, "c", 5L));
        assertThat(counts("{\"entries\":4,\"shardCount\":3}")).isEqualTo(Map.of("shardCount", 3L, "entries", 4L));
        TypeReference<ShardedMap<String, Object>> any = new TypeReference<>() {};
        assertThat(mapper.readValue("{\"entries\":{\"x\":1}}", any)).isEqualTo(Map.of("entries", Map.of("x", 1)));
        assertThat(mapper.readValue("{\"entries\":{\"x\":1},\"shardCount\":2,\"y\":3}", any))
                .isEqualTo(Map.of("entries", Map.of("x", 1), "shardCount", 2, "y", 3));
        assertThat(mapper.readValue("{\"entries\":{\"x\":1},\"shardCount\":\"2\"}", any))
                .isEqualTo(Map.of("entries", Map.of("x", 1), "shardCount", "2"));
    }

    @Test
    void theOrderOfTheFieldsDoesNotMatter() throws JacksonException {
        ShardedMap<String, Long> map = counts("{\"entries\":{\"a\":1},\"shardCount\":16}");
        assertThat(map).isEqualTo(Map.of("a", 1L));
        assertThat(map.shards().count()).isEqualTo(16);
        assertThat(counts("{\"entries\":{},\"shardCount\":16}")).isEmpty();
    }

    @Test
    void keysAndValuesOfOtherTypes() throws JacksonException {
        ShardedMap<UUID, Point> points = ShardedMap.onHeap().build();
        points.put(new UUID(1, 2), new Point(3, 4));
        Holder holder = new Holder("h", points);
        String json = mapper.writeValueAsString(holder);
        assertThat(json).contains("\"entries\":{\"" + new UUID(1, 2) + "\":{\"x\":3,\"y\":4}}");
        assertThat(mapper.readValue(json, Holder.class)).isEqualTo(holder);
        assertThat(mapper.readValue("{\"name\":\"h\",\"points\":null}", Holder.class))
                .isEqualTo(new Holder("h", null));
    }

    @Test
    void valuesOfSeveralClasses() throws JacksonException {
        ShardedMap<String, Shape> map = ShardedMap.onHeap().build();
        map.put("c", new Circle(1));
        map.put("s", new Square(2));
        TypeReference<ShardedMap<String, Shape>> type = new TypeReference<>() {};
        String json = mapper.writerFor(type).writeValueAsString(map);
        assertThat(mapper.readValue(json, type)).isEqualTo(map);
        assertThat(json).contains("circle");
    }

    @Test
    void mapsWithinMaps() throws JacksonException {
        ShardedMap<String, ShardedMap<String, Long>> outer = ShardedMap.onHeap().build();
        outer.put("one", counts("{\"a\":1}"));
        outer.put("entries", counts("{\"b\":2}"));
        TypeReference<ShardedMap<String, ShardedMap<String, Long>>> type = new TypeReference<>() {};
        assertThat(mapper.readValue(mapper.writeValueAsString(outer), type)).isEqualTo(outer);
    }

    @Test
    void badTextsAreRefused() {
        for (String json : List.of(
                "[]",
                "3",
                "{\"a\":null}",
                "{\"a\":\"x\"}",
                "{\"a\":1",
                "{\"shardCount\":0,\"entries\":{}}",
                "{\"shardCount\":-1,\"entries\":{}}",
                "{\"shardCount\":262145,\"entries\":{}}",
                "{\"shardCount\":99999999999999999999999,\"entries\":{}}",
                "{\"shardCount\":4294967297,\"entries\":{}}",
                "{\"shardCount\":1,\"entries\":{},\"more\":1}",
                "{\"shardCount\":1,\"entries\":{\"a\":1}",
                "{\"entries\":{\"a\":null},\"shardCount\":1}")) {
            assertThatThrownBy(() -> counts(json)).as(json).isInstanceOf(JacksonException.class);
        }
        assertThatThrownBy(() -> counts("{\"apple\":null}")).hasMessageContaining("apple");
    }

    @Test
    void shardsAreNotBelieved() throws JacksonException {
        assertThat(counts("{\"shardCount\":262144,\"entries\":{\"a\":1}}")
                        .shards()
                        .count())
                .isEqualTo(1024);
    }

    @Test
    void theModuleIsFound() throws JacksonException {
        JsonMapper found = JsonMapper.builder().findAndAddModules().build();
        assertThat(found.readValue("{\"shardCount\":4,\"entries\":{\"a\":1}}", COUNTS)
                        .shards()
                        .count())
                .isEqualTo(4);
    }

    @Test
    void otherMapsAreAsBefore() throws JacksonException {
        JsonNode tree = mapper.readTree(mapper.writeValueAsString(Map.of("a", 1)));
        assertThat(tree.size()).isEqualTo(1);
    }
}
