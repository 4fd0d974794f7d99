-- What a cell means: macros from the text of a cell to JSON text.
--
-- Every macro yields null for null, and '!' with a code for a cell that is wrong; none raises.
-- Arguments are names, not expressions: a macro may use one many times.
-- They run in the DuckDB shell as they are: .read cells.sql; select number_text('12.50', ...).

-- numbers ------------------------------------------------------------------------------------

-- A decimal without zeros that say nothing: 7.50 for 007.500, 0 for -0.
-- Takes up to 20 digits before the point and 18 after it.
create macro canonical(plain) as coalesce(
    rtrim(rtrim(try_cast(plain as decimal(38, 18))::varchar, '0'), '.'), '!number.range'
);

-- The number without its currency: (3.00) for (EUR 3.00). `before` and `after` are patterns.
create macro undressed(cell, before, after) as
    regexp_replace(regexp_replace(cell, before, '\1'), after, '\1');

-- Digits with one point, as far as the decimal mark is known or beyond doubt.
create macro with_point(digits, mark) as case
    when mark = '' and regexp_full_match(digits, '[1-9][0-9]{0,2}[.,][0-9]{3}')
    then '!number.ambiguous'
    when mark <> ',' and regexp_full_match(digits,
        '([0-9]+|[1-9][0-9]{0,2}(,[0-9]{2,3})*,[0-9]{3}|[1-9][0-9]{0,2}([''’][0-9]{3})+'
        || '|[1-9][0-9]{0,2}([ \x{a0}\x{2007}\x{2009}\x{202f}][0-9]{3})+)?(\.[0-9]+)?')
    then regexp_replace(digits, '[^0-9.]', '', 'g')
    when mark <> '.' and regexp_full_match(digits,
        '([0-9]+|[1-9][0-9]{0,2}(\.[0-9]{3})+|[1-9][0-9]{0,2}([''’][0-9]{3})+'
        || '|[1-9][0-9]{0,2}([ \x{a0}\x{2007}\x{2009}\x{202f}][0-9]{3})+)?(,[0-9]+)?')
    then replace(regexp_replace(digits, '[^0-9,]', '', 'g'), ',', '.')
    else '!number.format'
end;

-- A minus in front, a minus behind or parentheses around make a number negative.
create macro signed(bare, digits) as case
    when digits[1] = '!' then digits
    when not regexp_full_match(digits, '[0-9]{0,20}(\.[0-9]{0,18})?') then '!number.range'
    when regexp_matches(bare, '^[-−(]|[-−]$') then canonical('-' || digits)
    else canonical(digits)
end;

-- 1.5E+06, as machines write it.
create macro scientific(bare) as case
    when length(regexp_extract(bare, '\.([0-9]+)', 1))
        - try_cast(regexp_extract(bare, '[eE]([-+]?[0-9]+)', 1) as integer) > 18
    then '!number.range'
    else canonical(bare)
end;

create macro dressed_number(bare, mark) as case
    when mark <> ',' and regexp_full_match(bare, '[-+]?[0-9]+(\.[0-9]+)?[eE][-+]?[0-9]{1,3}')
    then scientific(bare)
    when not regexp_full_match(bare,
        '([-+−] ?)?[.,]?[0-9][0-9.,''’ \x{a0}\x{2007}\x{2009}\x{202f}]*'
        || '|[.,]?[0-9][0-9.,''’ \x{a0}\x{2007}\x{2009}\x{202f}]*[-−]'
        || '|\( ?[.,]?[0-9][0-9.,''’ \x{a0}\x{2007}\x{2009}\x{202f}]*\)')
    then '!number.format'
    else list_transform(
        [with_point(trim(regexp_replace(bare, '[-+−()]', '', 'g')), mark)],
        lambda digits: signed(bare, digits)
    )[1]
end;

-- The canonical decimal of a cell; 5.- and 5,-- have no fraction. `plain` is a pattern of cells that
-- are canonical already, `padded` of those that are but for zeros at their end.
create macro number_text(cell, mark, plain, padded, before, after) as case
    when cell is null then null
    when regexp_full_match(cell, plain) then cell
    when regexp_full_match(cell, padded) then rtrim(rtrim(cell, '0'), '.')
    else list_transform(
        [regexp_replace(undressed(cell, before, after), '([0-9][.,])[-–—]+ *$', '\10')],
        lambda bare: dressed_number(trim(bare), mark)
    )[1]
end;

-- A cell that will be rounded, without the digits that are too far behind the point to be kept.
create macro rough(cell) as case
    when regexp_full_match(cell, '[-+]?[0-9]+(\.[0-9]+)?[eE]-[0-9]{1,3}')
    then coalesce(try_cast(cell as decimal(38, 18))::varchar, cell)
    when length(cell) > 18 then regexp_replace(cell, '([.,][0-9]{18})[0-9]+', '\1')
    else cell
end;

-- Halves go away from nought.
create macro rounded(number, places) as case
    when number is null then null
    when number[1] = '!' or instr(number, '.') = 0 then number
    when length(number) - instr(number, '.') <= places then number
    else canonical(round(try_cast(number as decimal(38, 18)), places))
end;

-- The point moved to the right by multiplying with `factor`, a power of ten in decimal(13, 6).
create macro shifted(number, factor) as case
    when number is null then null
    when number[1] = '!' then number
    when not regexp_full_match(number, '-?[0-9]{1,13}(\.[0-9]{1,12})?') then '!number.range'
    else canonical(try_cast(number as decimal(25, 12)) * factor)
end;

create macro json_decimal(number) as
    case when number[1] = '!' then number else '"' || number || '"' end;

create macro json_integer(number) as case
    when number[1] = '!' then number
    when contains(number, '.') then '!number.fraction'
    else number
end;

-- What can be summed without overflow.
create macro summand(number) as case
    when number[1] = '!' then number
    when not regexp_full_match(number, '-?[0-9]{1,14}(\.[0-9]{1,6})?') then '!number.range'
    else number
end;

-- The canonical decimal of a sum; null where nothing was added.
create macro total(summed) as case when summed is not null then canonical(summed) end;

-- times --------------------------------------------------------------------------------------

-- A stray offset or a fraction finer than microseconds are made ready for a cast.
create macro iso_text(cell) as
    upper(regexp_replace(regexp_replace(cell, '[.,]([0-9]{1,6})[0-9]*', '.\1'),
        '([+-][0-9]{2})([0-9]{2})$', '\1:\2'));

create macro iso_has_zone(cell) as
    regexp_matches(cell, '[0-9]{2}:[0-9]{2}.*([Zz]|[+-][0-9]{2}(:?[0-9]{2})?)$');

create macro iso_precision(cell) as
    case when length(cell) = 10 then 'day'
        when regexp_matches(cell, ':[0-9]{2}:') then 'exact' else 'minute' end;

-- `moment` is a timestamp in UTC.
create macro json_time(cell, moment) as case
    when cell is null then null
    when moment is null then '!time.format'
    when moment < timestamp '1900-01-01' or moment >= timestamp '2200-01-01' then '!time.range'
    else '"' || replace(moment::varchar, ' ', 'T') || 'Z"'
end;

create macro json_date(cell, moment) as case
    when cell is null then null
    when moment is null then '!time.format'
    when moment < timestamp '1000-01-01' then '!time.range'
    else '"' || moment::date::varchar || '"'
end;

-- durations ----------------------------------------------------------------------------------

-- Whole seconds of '4 days, 21:19:46' or '1:30' (hours and minutes).
create macro clock_seconds(cell) as case
    when cell is null then null
    when not regexp_full_match(cell,
        '([0-9]{1,6} days?,? )?[0-9]{1,6}:[0-5][0-9](:[0-5][0-9](\.[0-9]+)?)?')
    then '!duration.format'
    else (
        coalesce(try_cast(regexp_extract(cell, '^([0-9]+) day', 1) as bigint), 0) * 86400
        + try_cast(regexp_extract(cell, '([0-9]+):', 1) as bigint) * 3600
        + try_cast(regexp_extract(cell, ':([0-9]+)', 1) as bigint) * 60
        + coalesce(try_cast(regexp_extract(cell, ':[0-9]+:([0-9]+)', 1) as bigint), 0)
    )::varchar
end;

-- Whole seconds of 'P1DT2H30M' (ISO 8601, weeks to seconds).
create macro iso_seconds(cell) as case
    when cell is null then null
    when not regexp_full_match(cell,
        'P([0-9]{1,6}W)?([0-9]{1,6}D)?(T([0-9]{1,6}H)?([0-9]{1,6}M)?([0-9]{1,9}(\.[0-9]+)?S)?)?')
        or not regexp_matches(cell, '[0-9].*[A-Z]$') or regexp_matches(cell, 'T$')
    then '!duration.format'
    else (
        coalesce(try_cast(regexp_extract(cell, '([0-9]+)W', 1) as bigint), 0) * 604800
        + coalesce(try_cast(regexp_extract(cell, '([0-9]+)D', 1) as bigint), 0) * 86400
        + coalesce(try_cast(regexp_extract(cell, '([0-9]+)H', 1) as bigint), 0) * 3600
        + coalesce(try_cast(regexp_extract(cell, '([0-9]+)M', 1) as bigint), 0) * 60
        + coalesce(try_cast(regexp_extract(cell, '([0-9]+)(\.[0-9]+)?S', 1) as bigint), 0)
    )::varchar
end;

-- Whole seconds of a number of units of `seconds`, halves away from nought.
create macro unit_seconds(number, seconds) as case
    when number is null then null
    when number[1] = '!' then number
    when not regexp_full_match(number, '[0-9]{1,9}(\.[0-9]{1,12})?') then '!duration.format'
    else canonical(round(try_cast(number as decimal(25, 12)) * seconds::decimal(5, 0), 0))
end;

-- ids and texts ------------------------------------------------------------------------------

-- RFC 4122: version 5 of the SHA-1 of a name space and a name, as 40 hexadecimal digits.
create macro json_uuid5(hash) as
    '"' || substr(hash, 1, 8) || '-' || substr(hash, 9, 4) || '-5' || substr(hash, 14, 3) || '-'
    || translate(substr(hash, 17, 1), '0123456789abcdef', '89ab89ab89ab89ab')
    || substr(hash, 18, 3) || '-' || substr(hash, 21, 12) || '"';

create macro json_text(cell) as to_json(cell)::varchar;

create macro json_split(cell, delimiter) as to_json(list_filter(
    list_transform(string_split(cell, delimiter), lambda part: trim(part)), lambda part: part <> ''
))::varchar;
