CREATE OR REPLACE VIEW {database}.forecast_now {on_cluster} (
    code String COMMENT 'Code of the indicator',
    name_vi String COMMENT 'Name of the indicator, Vietnamese',
    unit String COMMENT 'Unit of the province',
    level String COMMENT 'Level of the unit',
    unit_of_measure String COMMENT 'Unit of value, interval and target',
    year Int32 COMMENT 'Year whose end is projected',
    made_on Date COMMENT 'Local day on which it was made',
    value Nullable(Float64) COMMENT 'Middle of the possible values at the end of the year',
    low Nullable(Float64) COMMENT 'Lower end of the interval',
    high Nullable(Float64) COMMENT 'Upper end of the interval',
    target Float64 COMMENT 'Target',
    on_track String COMMENT 'yes, likely, unlikely, no or unknown',
    method String COMMENT 'How it was projected',
    periods Int32 COMMENT 'Whole periods that it rests on',
    responsible String COMMENT 'Unit that answers for the indicator'
) AS
SELECT f.code AS code, i.name_vi AS name_vi, f.unit AS unit, f.level AS level, i.unit_of_measure AS unit_of_measure, f.year AS year,
    f.made_on AS made_on, f.value AS value, f.low AS low, f.high AS high, f.target AS target, toString(f.on_track) AS on_track,
    f.method AS method, f.periods AS periods, i.responsible AS responsible
FROM (
    SELECT * FROM {database}.forecasts FINAL ORDER BY code, unit, year DESC, made_on DESC LIMIT 1 BY code, unit
) AS f
INNER JOIN (SELECT * FROM {database}.indicators FINAL) AS i ON i.code = f.code
COMMENT 'The newest projection of each indicator and unit';
