package io.sherd.testkit.soak;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;

/** What may happen to an image between its writing and its reading, and what somebody may do to it who means ill. */
enum ImageMutation {
    /** One bit, or some, turn over. */
    FLIP {
        @Override
        byte[] of(ImageFrames image, ImageFrames other, Random random) {
            byte[] bytes = image.toImage();
            for (int i = 1 << random.nextInt(4); i > 0; i--) {
                bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            }
            return bytes;
        }
    },

    /** The rest is missing, from anywhere. */
    CUT {
        @Override
        byte[] of(ImageFrames image, ImageFrames other, Random random) {
            byte[] bytes = image.toImage();
            return java.util.Arrays.copyOf(bytes, random.nextInt(bytes.length));
        }
    },

    /** The rest is missing, from the border of a block. */
    CUT_AT_BORDER {
        @Override
        byte[] of(ImageFrames image, ImageFrames other, Random random) {
            List<byte[]> parts = image.parts();
            parts.subList(random.nextInt(parts.size()), parts.size()).clear();
            return image.toImage();
        }
    },

    /** Something follows behind the end. */
    APPEND {
        @Override
        byte[] of(ImageFrames image, ImageFrames other, Random random) {
            List<byte[]> parts = image.parts();
            byte[] more = parts.get(random.nextInt(parts.size())).clone();
            parts.add(random.nextBoolean() ? more : new byte[1 + random.nextInt(100)]);
            return image.toImage();
        }
    },

    /** A page is zeros. */
    ZERO {
        @Override
        byte[] of(ImageFrames image, ImageFrames other, Random random) {
            byte[] bytes = image.toImage();
            int from = random.nextInt(bytes.length);
            java.util.Arrays.fill(bytes, from, Math.min(bytes.length, from + 1 + random.nextInt(4096)), (byte) 0);
            return bytes;
        }
    },

    /** Some bytes stand where others should. */
    COPY {
        @Override
        byte[] of(ImageFrames image, ImageFrames other, Random random) {
            byte[] bytes = image.toImage();
            int length = 1 + random.nextInt(Math.min(bytes.length, 512));
            System.arraycopy(
                    bytes,
                    random.nextInt(bytes.length - length + 1),
                    bytes,
                    random.nextInt(bytes.length - length + 1),
                    length);
            return bytes;
        }
    },

    /** The end comes first. */
    ROTATE {
        @Override
        byte[] of(ImageFrames image, ImageFrames other, Random random) {
            java.util.Collections.rotate(
                    image.parts(), 1 + random.nextInt(image.parts().size() - 1));
            return image.toImage();
        }
    },

    SWAP_BLOCKS {
        @Override
        byte[] of(ImageFrames image, ImageFrames other, Random random) {
            if (image.blocks() > 0) {
                java.util.Collections.swap(
                        image.parts(), 1 + random.nextInt(image.blocks()), 1 + random.nextInt(image.blocks()));
            }
            return image.toImage();
        }
    },

    REPEAT_BLOCK {
        @Override
        byte[] of(ImageFrames image, ImageFrames other, Random random) {
            if (image.blocks() > 0) {
                int block = 1 + random.nextInt(image.blocks());
                image.parts()
                        .add(
                                1 + random.nextInt(image.blocks() + 1),
                                image.parts().get(block).clone());
            }
            return image.toImage();
        }
    },

    DROP_BLOCK {
        @Override
        byte[] of(ImageFrames image, ImageFrames other, Random random) {
            if (image.blocks() > 0) {
                image.parts().remove(1 + random.nextInt(image.blocks()));
            }
            return image.toImage();
        }
    },

    /** A block, or the end, of another image with the same number of the block. */
    FOREIGN_BLOCK {
        @Override
        byte[] of(ImageFrames image, ImageFrames other, Random random) {
            int part = 1
                    + random.nextInt(
                            Math.min(image.parts().size(), other.parts().size()) - 1);
            image.parts().set(part, other.parts().get(part).clone());
            return image.toImage();
        }
    },

    /** A length or a count is enormous, or a little off. */
    BOMB {
        @Override
        byte[] of(ImageFrames image, ImageFrames other, Random random) {
            int index = random.nextInt(image.parts().size());
            ByteBuffer part = ImageFrames.littleEndian(image.parts().get(index));
            int last = image.parts().size() - 1;
            int[] fields = index == 0
                    ? new int[] {8, 12, 24, 28, 32, 36, 40}
                    : index == last
                            ? new int[] {4, 8, 12}
                            : new int[] {
                                4,
                                8,
                                12,
                                ImageFrames.FRAME,
                                ImageFrames.FRAME + 4,
                                ImageFrames.FRAME + 5,
                                ImageFrames.FRAME + 6
                            };
            int field = fields[random.nextInt(fields.length)];
            int[] values = {
                -1,
                Integer.MAX_VALUE,
                Integer.MIN_VALUE,
                1 << 30,
                0,
                part.getInt(field) + 1,
                part.getInt(field) - 1,
                random.nextInt()
            };
            part.putInt(field, values[random.nextInt(values.length)]);
            return image.toImage();
        }
    };

    /**
     * Makes a damaged image.
     *
     * @param image the image, which may be changed for it
     * @param other another image
     */
    abstract byte[] of(ImageFrames image, ImageFrames other, Random random);
}
