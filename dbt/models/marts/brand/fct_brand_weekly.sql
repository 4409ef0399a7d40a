-- Typed and empty until a survey feed lands: waves are irregular and are never interpolated.
select
    cast(null as date) as wave_week,
    cast(null as varchar) as market,
    cast(null as varchar) as metric,
    cast(null as double precision) as value,
    cast(null as integer) as sample_size
where false
